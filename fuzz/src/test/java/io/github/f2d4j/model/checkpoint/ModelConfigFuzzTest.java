package io.github.f2d4j.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.fuzz.Attempt;
import io.github.f2d4j.model.clip.ClipTextConfig;
import io.github.f2d4j.model.expression.ExpressionConfig;
import io.github.f2d4j.model.identity.IResNetConfig;
import io.github.f2d4j.model.identity.MsidVitConfig;
import io.github.f2d4j.model.identity.MultiScaleConfig;
import io.github.f2d4j.model.mapping.MappingConfig;
import io.github.f2d4j.model.unet.UNetConfig;
import io.github.f2d4j.model.vae.AutoencoderKlConfig;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * Configurations of models. Input: one byte that picks the model, the JSON text, a NUL, and lines
 * {@code name extent extent …} for the weights that lie beside it, whose shapes stand in for what
 * the configuration leaves out.
 *
 * <p>A configuration is refused by {@link ConfigException} alone, or all its sizes are at least 1
 * and its numbers are finite, and it comes out equal when its JSON is written and read again.
 */
class ModelConfigFuzzTest {
  private static final long BYTES_PER_BYTE = 20_000;

  private static final List<BiFunction<ConfigJson, Weights, Record>> MODELS =
      List.of(
          (c, w) -> UNetConfig.of(c),
          (c, w) -> AutoencoderKlConfig.of(c),
          (c, w) -> ClipTextConfig.of(c),
          MappingConfig::of,
          IResNetConfig::of,
          MultiScaleConfig::of,
          MsidVitConfig::of,
          ExpressionConfig::of);

  /** Components of the records that may be 0 or below. */
  private static final Set<String> MAY_BE_ZERO =
      Set.of("expStart", "downsamplePadding", "extDepthes");

  @FuzzTest
  void config(byte[] input) throws Exception {
    if (input.length == 0) {
      return;
    }
    BiFunction<ConfigJson, Weights, Record> model = MODELS.get((input[0] & 0xff) % MODELS.size());
    String text = new String(input, 1, input.length - 1, StandardCharsets.UTF_8);
    int nul = text.indexOf('\0');
    String json = nul < 0 ? text : text.substring(0, nul);
    Weights weights = weights(nul < 0 ? "" : text.substring(nul + 1));
    long bound = (8L << 20) + BYTES_PER_BYTE * input.length;
    Optional<ConfigJson> parsed =
        Attempt.of(ConfigException.class, bound, () -> ConfigJson.parse("the input", json));
    if (parsed.isEmpty()) {
      return;
    }
    ConfigJson copy = ConfigJson.parse("the copy", parsed.get().json().toString());
    assertEquals(parsed.get().json().toString(), copy.json().toString());
    Optional<Record> config =
        Attempt.of(ConfigException.class, bound, () -> model.apply(parsed.get(), weights));
    if (config.isPresent()) {
      requireSizes(config.get());
      assertEquals(config.get(), model.apply(copy, weights));
    }
  }

  private static Weights weights(String lines) {
    Map<String, TensorType> types = new TreeMap<>();
    lines.lines().limit(100).forEach(line -> weight(line, types));
    return Weights.ofTypes("the weights", types);
  }

  private static void weight(String line, Map<String, TensorType> types) {
    String[] words = line.split(" ", -1);
    if (words.length < 1 || words.length > 5 || words[0].isEmpty()) {
      return;
    }
    int[] extents = new int[words.length - 1];
    for (int i = 0; i < extents.length; i++) {
      if (!words[i + 1].matches("[0-9]{1,8}")) {
        return;
      }
      extents[i] = Integer.parseInt(words[i + 1]);
    }
    types.put(words[0], TensorType.f32(Shape.of(extents)));
  }

  private static void requireSizes(Record config)
      throws InvocationTargetException, IllegalAccessException {
    for (RecordComponent component : config.getClass().getRecordComponents()) {
      requireSize(component.getName(), component.getAccessor().invoke(config));
    }
  }

  private static void requireSize(String name, Object value)
      throws InvocationTargetException, IllegalAccessException {
    switch (value) {
      case Integer i ->
          assertTrue(i >= 1 || (MAY_BE_ZERO.contains(name) && i >= 0), name + " " + i);
      case Float f -> assertTrue(Float.isFinite(f), name + " " + f);
      case List<?> list -> {
        for (Object element : list) {
          requireSize(name, element);
        }
      }
      case Record record -> requireSizes(record);
      default -> {}
    }
  }
}
