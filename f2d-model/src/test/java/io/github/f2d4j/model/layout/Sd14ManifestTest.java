package io.github.f2d4j.model.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.nn.WeightsException;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.checkpoint.RandomModel.Component;
import io.github.f2d4j.model.testing.Manifest;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The full-size networks ask for exactly the keys and shapes of the published checkpoints. */
class Sd14ManifestTest {
  private static final String FILES =
      """
      sd14_unet.json, unet
      sd14_vae.json, vae
      clip_l14_text.json, text_encoder
      """;

  private static Map<String, TensorType> manifest(String file) {
    Map<String, TensorType> types = new Manifest(file).types();
    assertTrue(types.size() > 100, file + " has only " + types.size() + " keys");
    return types;
  }

  private static Component component(String folder) {
    return Sd14.components().stream().filter(c -> c.folder().equals(folder)).findAny().get();
  }

  @ParameterizedTest
  @CsvSource(textBlock = FILES)
  void keysAndShapesAreThoseOfTheCheckpoint(String file, String folder) {
    Map<String, TensorType> types = manifest(file);
    Weights w = Weights.ofTypes(file, types);
    component(folder).model().accept(w);
    w.verify();
    // Whatever verify() lets pass as unused must be on this list.
    TreeSet<String> unused = new TreeSet<>(types.keySet());
    unused.removeAll(w.declared().keySet());
    unused.remove("text_model.embeddings.position_ids");
    assertEquals(new TreeSet<String>(), unused);
  }

  /** A random model names its tensors without a checkpoint at hand. */
  @ParameterizedTest
  @CsvSource(textBlock = FILES)
  void withoutACheckpointTheNewestNamesAreUsed(String file, String folder) {
    Map<String, TensorType> types = manifest(file);
    types.remove("text_model.embeddings.position_ids");
    Weights alone = Weights.recording();
    component(folder).model().accept(alone);
    Map<String, Shape> declared = new TreeMap<>();
    alone.declared().forEach((key, type) -> declared.put(key, type.shape()));
    Map<String, Shape> expected = new TreeMap<>();
    types.forEach(
        (key, type) ->
            expected.put(
                key.replaceFirst("\\.query\\.", ".to_q.")
                    .replaceFirst("\\.key\\.", ".to_k.")
                    .replaceFirst("\\.value\\.", ".to_v.")
                    .replaceFirst("\\.proj_attn\\.", ".to_out.0."),
                type.shape()));
    assertEquals(expected, declared);
  }

  @ParameterizedTest
  @CsvSource(textBlock = FILES)
  void oneMissingOneExtraAndOneMisshapenKeyAreAllReported(String file, String folder) {
    TreeMap<String, TensorType> types = new TreeMap<>(manifest(file));
    types.remove("text_model.embeddings.position_ids");
    String missing = types.firstKey();
    types.remove(missing);
    String misshapen = types.lastKey();
    types.put(misshapen, new TensorType(DType.F16, Shape.of(1, 2, 3)));
    types.put("extra.weight", new TensorType(DType.F16, Shape.of(1)));
    Weights w = Weights.ofTypes(file, types);
    component(folder).model().accept(w);
    WeightsException e = assertThrows(WeightsException.class, w::verify);
    assertEquals(3, e.problems().size(), e.getMessage());
    for (String key : new String[] {missing, misshapen, "extra.weight"}) {
      assertTrue(e.getMessage().contains(key), e.getMessage());
    }
  }
}
