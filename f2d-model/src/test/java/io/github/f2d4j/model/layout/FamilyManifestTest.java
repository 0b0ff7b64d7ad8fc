package io.github.f2d4j.model.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.expression.ExpressionConfig;
import io.github.f2d4j.model.expression.ExpressionEncoder;
import io.github.f2d4j.model.testing.Manifest;
import io.github.f2d4j.model.testing.PackedModel;
import io.github.f2d4j.weights.convert.Conversion;
import io.github.f2d4j.weights.convert.ConversionException;
import io.github.f2d4j.weights.convert.ConversionOptions;
import io.github.f2d4j.weights.convert.Family;
import io.github.f2d4j.weights.convert.Recognition;
import io.github.f2d4j.weights.keys.FamilyTables;
import io.github.f2d4j.weights.keys.NamedShape;
import io.github.f2d4j.weights.keys.RenameTable;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.testing.TorchWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published checkpoints of the smaller networks and their folders are one to one. */
class FamilyManifestTest {
  private static RenameTable table(Family family) {
    return switch (family) {
      case MSID_VIT -> FamilyTables.MSID_VIT;
      case MAPPING -> FamilyTables.MAPPING;
      case IRESNET, IRESNET_MULTISCALE -> FamilyTables.IRESNET;
      case EXPRESSION -> FamilyTables.EXPRESSION;
      case UNET -> FamilyTables.UNET;
      case VAE -> FamilyTables.VAE;
      case TEXT_ENCODER -> FamilyTables.TEXT_ENCODER;
      case STABLE_DIFFUSION, VAE_ORIGINAL -> throw new IllegalArgumentException(family.title());
    };
  }

  private static Map<String, Shape> shapes(Map<String, TensorType> types) {
    Map<String, Shape> shapes = new TreeMap<>();
    types.forEach((key, type) -> shapes.put(key, type.shape()));
    return shapes;
  }

  @ParameterizedTest
  @CsvSource({
    "f2d_msid_vit.json, MSID_VIT, msid, '{\"architecture\": \"msid_vit\"}'",
    "f2d_mapping.json, MAPPING, mapping, '{\"architecture\": \"IMG2TEXTwithEXP\"}'",
    "iresnet50.json, IRESNET, msid, '{\"architecture\": \"iresnet\"}'",
    "iresnet100.json, IRESNET, msid, '{\"architecture\": \"iresnet\"}'",
    "sd14_unet.json, UNET, unet, ",
    "sd14_vae.json, VAE, vae, ",
    "clip_l14_text.json, TEXT_ENCODER, text_encoder, ",
  })
  void manifest(String file, Family family, String folder, String config)
      throws ConversionException {
    Map<String, TensorType> types = new Manifest(file).types();
    Map<String, Shape> published = shapes(types);
    for (String wrapper : new String[] {"", "module.", "state_dict.", "state_dict.module."}) {
      Map<String, Shape> wrapped = new TreeMap<>();
      published.forEach((key, shape) -> wrapped.put(wrapper + key, shape));
      assertEquals(new Recognition.Supported(family, wrapper), Recognition.of(wrapped));
    }
    assertOneToOne(table(family), published, published);
    String text = config == null ? layoutConfig(folder) : config;
    new NetworkCheck().check(folder, text, types);
  }

  private static String layoutConfig(String folder) {
    return new String(
        Sd14.layout().file(folder + "/config.json").orElseThrow(),
        java.nio.charset.StandardCharsets.UTF_8);
  }

  /** Deep3DFaceRecon's file holds the network under its name in the training program. */
  @Test
  void expression() throws ConversionException {
    Weights w = Weights.recording();
    ExpressionEncoder unused = new ExpressionEncoder(w, ExpressionConfig.PUBLISHED);
    assertEquals(64, unused.features());
    Map<String, TensorType> folder = new TreeMap<>(w.declared());
    w.ignored().stream()
        .filter(key -> key.endsWith("num_batches_tracked"))
        .forEach(key -> folder.put(key, new TensorType(DType.I64, Shape.of())));
    assertTrue(folder.size() > 300, "ResNet-50 and seven heads: " + folder.size());
    Map<String, Shape> published = new TreeMap<>();
    folder.forEach((key, type) -> published.put("net_recon." + key, type.shape()));
    assertOneToOne(FamilyTables.EXPRESSION, published, shapes(folder));
    assertEquals(new Recognition.Supported(Family.EXPRESSION, ""), Recognition.of(published));
    assertTrue(
        FamilyTables.EXPRESSION.toFolder("opt_00.state.0.exp_avg", Shape.of(64)).isEmpty(),
        "the optimizer has no place");
    new NetworkCheck().check("expression", "{\"architecture\": \"ReconNetWrapper\"}", folder);
  }

  /** Folders of the first diffusers versions. */
  @Test
  void oldNamesOfTheAutoencodersAttention() {
    Map<String, Shape> now = shapes(new Manifest("sd14_vae.json").types());
    Map<String, Shape> before = new TreeMap<>();
    now.forEach(
        (key, shape) -> {
          String old =
              key.replace(".to_q.", ".query.")
                  .replace(".to_k.", ".key.")
                  .replace(".to_v.", ".value.")
                  .replace(".to_out.0.", ".proj_attn.");
          boolean convolution = !old.equals(key) && shape.rank() == 2;
          before.put(old, convolution ? Shape.of(shape.dim(0), shape.dim(1), 1, 1) : shape);
        });
    Map<String, Shape> placed = new TreeMap<>();
    before.forEach(
        (key, shape) -> {
          NamedShape to = FamilyTables.VAE.toFolder(key, shape).orElseThrow();
          placed.put(to.key(), to.shape());
        });
    assertEquals(now, placed);
  }

  private static void assertOneToOne(
      RenameTable table, Map<String, Shape> published, Map<String, Shape> folder) {
    Map<String, Shape> there = new TreeMap<>();
    published.forEach(
        (key, shape) -> {
          NamedShape to = table.toFolder(key, shape).orElseThrow(() -> new AssertionError(key));
          there.put(to.key(), to.shape());
        });
    assertEquals(folder, there);
    Map<String, Shape> back = new TreeMap<>();
    there.forEach(
        (key, shape) -> {
          NamedShape from =
              table.toPublished(key, shape).orElseThrow(() -> new AssertionError(key));
          back.put(from.key(), from.shape());
        });
    assertEquals(published, back);
  }

  /** The whole way through the converter from PyTorch files, every axis cut to at most two. */
  @ParameterizedTest
  @CsvSource({
    "f2d_msid_vit.json, msid, ''",
    "f2d_mapping.json, mapping, state_dict.",
    "iresnet50.json, msid, ''",
    "iresnet100.json, msid, module."
  })
  void everyTensorArrives(String file, String folder, String wrapper, @TempDir Path temporary)
      throws IOException {
    Map<String, TensorEntry> given = new TreeMap<>();
    new Manifest(file).types().forEach((key, type) -> given.put(key, cut(key, type, given.size())));
    arrives(given, PackedModel.prefixed(wrapper, given), folder, temporary);
  }

  @Test
  void everyTensorOfTheExpressionEncoderArrives(@TempDir Path temporary) throws IOException {
    Weights w = Weights.recording();
    ExpressionEncoder unused = new ExpressionEncoder(w, ExpressionConfig.PUBLISHED);
    assertEquals(257, unused.config().coefficients());
    Map<String, TensorEntry> given = new TreeMap<>();
    w.declared().forEach((key, type) -> given.put(key, cut(key, type, given.size())));
    Map<String, TensorEntry> published = PackedModel.prefixed("net_recon.", given);
    published.put("opt_00.state.0.exp_avg", TensorEntry.of("x", Shape.of(2), 1, 2));
    arrives(given, published, "expression", temporary);
  }

  private static void arrives(
      Map<String, TensorEntry> given,
      Map<String, TensorEntry> published,
      String folder,
      Path temporary)
      throws IOException {
    Path file = temporary.resolve("published.pth");
    TorchWriter.write(file, published);
    Path target = temporary.resolve("model");
    new Conversion(List.of(file), target, ConversionOptions.withDefaults(Sd14.layout()))
        .run(line -> {});
    Map<String, TensorEntry> arrived = PackedModel.part(target, folder);
    assertEquals(given.keySet(), new TreeMap<>(arrived).keySet());
    given.forEach(
        (key, tensor) -> {
          assertEquals(tensor.type(), arrived.get(key).type(), key);
          assertEquals(-1, tensor.data().mismatch(arrived.get(key).data()), key);
        });
  }

  /** Values that no other tensor has. */
  private static TensorEntry cut(String key, TensorType type, int number) {
    int[] dims = Arrays.stream(type.shape().dims()).map(d -> Math.min(d, 2)).toArray();
    Shape small = Shape.of(dims);
    if (type.dtype() == DType.I64) {
      byte[] counter = new byte[(int) (8 * small.elements())];
      counter[0] = (byte) number;
      return new TensorEntry(key, new TensorType(DType.I64, small), MemorySegment.ofArray(counter));
    }
    float[] values = new float[(int) small.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = number * 32 + i;
    }
    return TensorEntry.of(key, small, values);
  }
}
