package io.github.f2d4j.model.layout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.testing.Manifest;
import io.github.f2d4j.model.testing.PackedModel;
import io.github.f2d4j.weights.convert.Conversion;
import io.github.f2d4j.weights.convert.ConversionOptions;
import io.github.f2d4j.weights.convert.Family;
import io.github.f2d4j.weights.convert.Recognition;
import io.github.f2d4j.weights.keys.LdmLayout;
import io.github.f2d4j.weights.keys.LdmLayout.VaeAttention;
import io.github.f2d4j.weights.keys.LdmTable;
import io.github.f2d4j.weights.keys.NamedShape;
import io.github.f2d4j.weights.keys.RenameTable;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The single-file form of the published model and its folders are one to one. */
class SingleFileManifestTest {
  private static final String FILE = "sd14_ldm_single_file.json";

  /** Published key → its place in the folders. */
  private final Map<String, String> pairs = new TreeMap<>();

  private final Map<String, Shape> published = new TreeMap<>();
  private final Map<String, Shape> folders = new TreeMap<>();

  SingleFileManifestTest() {
    JsonNode manifest = Manifest.json(FILE);
    manifest
        .properties()
        .forEach(
            e -> {
              published.put(e.getKey(), Manifest.shape(e.getValue().get("shape")));
              pairs.put(e.getKey(), e.getValue().get("diffusers").textValue());
            });
    assertFalse(pairs.isEmpty());
    assertEquals(pairs.size(), new TreeSet<>(pairs.values()).size(), "one to one");
    addFolder("unet", "sd14_unet.json");
    addFolder("vae", "sd14_vae.json");
    addFolder("text_encoder", "clip_l14_text.json");
  }

  private void addFolder(String folder, String file) {
    Map<String, TensorType> types = new Manifest(file).types();
    types.forEach((key, type) -> folders.put(folder + "/" + key, type.shape()));
  }

  @Test
  void everyPublishedKeyHasItsPlaceAndEveryPlaceIsFilled() {
    RenameTable table = LdmTable.of(LdmLayout.ofPublished(published.keySet()));
    Map<String, Shape> placed = new TreeMap<>();
    published.forEach(
        (key, shape) -> {
          NamedShape to = table.toFolder(key, shape).orElseThrow(() -> new AssertionError(key));
          assertEquals(pairs.get(key), to.key(), key);
          placed.put(to.key(), to.shape());
        });
    assertEquals(folders, placed);
  }

  @Test
  void andBack() {
    VaeAttention spelling =
        published.keySet().stream().anyMatch(k -> k.contains("attn_1.to_q"))
            ? VaeAttention.LINEAR
            : VaeAttention.CONVOLUTION;
    RenameTable table = LdmTable.of(LdmLayout.ofFolder(folders.keySet(), spelling));
    Map<String, Shape> back = new TreeMap<>();
    folders.forEach(
        (key, shape) -> {
          NamedShape from =
              table.toPublished(key, shape).orElseThrow(() -> new AssertionError(key));
          assertEquals(key, pairs.get(from.key()), from.key());
          back.put(from.key(), from.shape());
        });
    assertEquals(published, back);
  }

  /** The file as first published has 1×1 convolutions where the manifest has linear layers. */
  @Test
  void theFirstSpellingOfTheAutoencodersAttention() {
    RenameTable first = LdmTable.of(LdmLayout.ofFolder(folders.keySet(), VaeAttention.CONVOLUTION));
    Map<String, Shape> original = new TreeMap<>();
    folders.forEach(
        (key, shape) -> {
          NamedShape from =
              first.toPublished(key, shape).orElseThrow(() -> new AssertionError(key));
          original.put(from.key(), from.shape());
        });
    assertEquals(
        Shape.of(512, 512, 1, 1), original.get("first_stage_model.encoder.mid.attn_1.q.weight"));
    assertEquals(Shape.of(512), original.get("first_stage_model.decoder.mid.attn_1.proj_out.bias"));
    RenameTable read = LdmTable.of(LdmLayout.ofPublished(original.keySet()));
    Map<String, Shape> placed = new TreeMap<>();
    original.forEach(
        (key, shape) -> {
          NamedShape to = read.toFolder(key, shape).orElseThrow(() -> new AssertionError(key));
          placed.put(to.key(), to.shape());
        });
    assertEquals(folders, placed);
  }

  @Test
  void isRecognisedWithAndWithoutAWrapper() {
    assertEquals(new Recognition.Supported(Family.STABLE_DIFFUSION, ""), Recognition.of(published));
    Map<String, Shape> wrapped = new TreeMap<>();
    published.forEach((key, shape) -> wrapped.put("state_dict." + key, shape));
    assertEquals(
        new Recognition.Supported(Family.STABLE_DIFFUSION, "state_dict."), Recognition.of(wrapped));
  }

  @Test
  void whatIsNoPartOfTheModelHasNoPlace() {
    RenameTable table = LdmTable.of(LdmLayout.ofPublished(published.keySet()));
    for (String key :
        new String[] {
          "betas",
          "alphas_cumprod",
          "model_ema.decay",
          "model_ema.diffusion_modelinput_blocks00weight",
          "cond_stage_model.logit_scale",
          "first_stage_model.loss.logvar",
          "model.diffusion_model.input_blocks.99.0.in_layers.0.weight"
        }) {
      assertTrue(table.toFolder(key, Shape.of(4)).isEmpty(), key);
    }
  }

  /** The whole way through the converter, every tensor cut to at most two along each axis. */
  @Test
  void everyTensorOfTheFullKeySetArrives(@TempDir Path temporary) throws IOException {
    Map<String, TensorEntry> given = new TreeMap<>();
    published.forEach((key, shape) -> given.put(key, cut(key, shape, given.size())));
    Path file = temporary.resolve("sd.safetensors");
    SafetensorsWriter.write(file, given.values(), Map.of());
    Path target = temporary.resolve("model");
    new Conversion(List.of(file), target, ConversionOptions.withDefaults(Sd14.layout()))
        .run(line -> {});
    Map<String, TensorEntry> arrived = new TreeMap<>();
    for (String folder : List.of("unet", "vae", "text_encoder")) {
      PackedModel.part(target, folder).forEach((key, t) -> arrived.put(folder + "/" + key, t));
    }
    assertEquals(folders.keySet(), arrived.keySet());
    pairs.forEach(
        (from, to) -> {
          assertEquals(given.get(from).shape(), arrived.get(to).shape(), to);
          assertArrayEquals(given.get(from).toFloats(), arrived.get(to).toFloats(), to);
        });
  }

  /** Values that no other tensor has. */
  private static TensorEntry cut(String key, Shape shape, int number) {
    Shape small = Shape.of(Arrays.stream(shape.dims()).map(d -> Math.min(d, 2)).toArray());
    float[] values = new float[(int) small.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = number * 32 + i;
    }
    return TensorEntry.of(key, small, values);
  }
}
