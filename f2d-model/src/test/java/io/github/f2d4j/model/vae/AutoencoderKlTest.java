package io.github.f2d4j.model.vae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.testing.Reference;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AutoencoderKlTest {
  private static final Map<String, String> OLD_NAMES =
      Map.of("to_q", "query", "to_k", "key", "to_v", "value", "to_out.0", "proj_attn");

  private final Fixture fixture = Goldens.fixtures("vae").getFirst();

  private AutoencoderKlConfig config() {
    return AutoencoderKlConfig.of(ConfigJson.of(fixture.name(), fixture.config().required("vae")));
  }

  private Map<String, Tensor> tensors() {
    return Checkpoint.of(fixture.weights(), Path.of("")).tensors();
  }

  private AutoencoderKl model(Map<String, Tensor> tensors) {
    Weights w = Weights.of(fixture.name(), tensors);
    AutoencoderKl vae = new AutoencoderKl(w, config());
    w.verify();
    return vae;
  }

  private Tensor latent() {
    return Reference.image(fixture, "in.latent[0:1]");
  }

  /** The fixture's weights with the mid blocks' projections under other names and shapes. */
  private Map<String, Tensor> withProjections(BiFunction<String, Tensor, Tensor> shape) {
    Map<String, Tensor> renamed = new TreeMap<>();
    int[] changed = {0};
    tensors()
        .forEach(
            (key, tensor) -> {
              String name = key;
              for (Map.Entry<String, String> e : OLD_NAMES.entrySet()) {
                name = name.replace("." + e.getKey() + ".", "." + e.getValue() + ".");
              }
              boolean projection =
                  OLD_NAMES.values().stream().anyMatch(name.concat(".")::contains)
                      && key.contains("attentions");
              changed[0] += projection ? 1 : 0;
              renamed.put(name, projection ? shape.apply(key, tensor) : tensor);
            });
    assertEquals(16, changed[0], "two blocks of four projections with weight and bias");
    return renamed;
  }

  @Test
  void oldAttentionNamesGiveTheSameBits() {
    float[] expected = model(tensors()).decode(latent()).toFloats();
    float[] actual = model(withProjections((key, t) -> t)).decode(latent()).toFloats();
    assertArrayEquals(expected, actual);
  }

  @Test
  void attentionKeptAsConvolutionsGivesTheSameValues() {
    float[] expected = model(tensors()).decode(latent()).toFloats();
    Map<String, Tensor> convolutions =
        withProjections(
            (key, t) -> key.endsWith("weight") ? t.reshape(t.dim(0), t.dim(1), 1, 1) : t);
    assertArrayEquals(expected, model(convolutions).decode(latent()).toFloats(), 1e-5f);
  }

  @Test
  void aTileAsLargeAsTheLatentsIsThePlainDecode() {
    AutoencoderKl vae = model(tensors());
    Tensor z = latent();
    int side = Math.max(z.dim(1), z.dim(2));
    assertArrayEquals(
        vae.decode(z).toFloats(), vae.decode(z, new Tiling(side, side / 4)).toFloats());
  }

  /** Normalisation sees one tile at a time, so tones differ, but the picture is the same. */
  @Test
  void smallTilesGiveNearlyThePlainDecode() {
    AutoencoderKl vae = model(tensors());
    Random random = new Random(3);
    float[] noise = new float[24 * 18 * config().latentChannels()];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (float) random.nextGaussian();
    }
    Tensor z = Tensor.of(noise, 1, 24, 18, config().latentChannels());
    Tensor plain = vae.decode(z);
    Tensor tiled = vae.decode(z, new Tiling(16, 4));
    assertEquals(plain.shape(), tiled.shape());
    double difference = squareSum(plain.sub(tiled)) / squareSum(plain);
    assertTrue(difference < 0.1, "relative squared difference " + difference);
  }

  private static double squareSum(Tensor t) {
    double sum = 0;
    for (float v : t.toFloats()) {
      sum += (double) v * v;
    }
    return sum;
  }

  @Test
  void misshapenInputsAreRefusedWithBothShapes() {
    AutoencoderKl vae = model(tensors());
    Tensor wrong = Tensor.full(0f, 1, 8, 8, 5);
    for (Runnable call : new Runnable[] {() -> vae.encode(wrong), () -> vae.decode(wrong)}) {
      IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
      assertTrue(e.getMessage().contains("F32[1,8,8,5]"), e.getMessage());
      assertTrue(e.getMessage().contains("expected [N,H,W,"), e.getMessage());
    }
    Tensor tiny = Tensor.full(0f, 1, 1, 64, config().inChannels());
    assertThrows(IllegalArgumentException.class, () -> vae.encode(tiny));
  }

  @ParameterizedTest
  @CsvSource({
    "act_fn, relu",
    "_class_name, AutoencoderTiny",
    "shift_factor, 0.1",
    "norm_num_groups, 7",
    "latent_channels, 0",
    "scaling_factor, -1",
    "use_quant_conv, false",
  })
  void whatIsNotSupportedIsRefusedByName(String key, String value) {
    ObjectNode json = fixture.config().required("vae").deepCopy();
    if (value.matches("[-0-9.]+")) {
      json.put(key, Double.parseDouble(value));
    } else if (value.equals("false")) {
      json.put(key, false);
    } else {
      json.put(key, value);
    }
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> AutoencoderKlConfig.of(ConfigJson.of("vae/config.json", json)));
    String named = key.equals("norm_num_groups") ? "norm_num_groups" : key + " is ";
    assertTrue(e.getMessage().contains(named), e.getMessage());
    assertTrue(e.getMessage().startsWith("vae/config.json: "), e.getMessage());
  }
}
