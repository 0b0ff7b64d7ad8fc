package io.github.f2d4j.model.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.face.Landmarks;
import io.github.f2d4j.model.image.ImageReader;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceInput;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.testing.PackedModel;
import io.github.f2d4j.weights.convert.ConversionRecord;
import io.github.f2d4j.weights.keys.LdmLayout.VaeAttention;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.testing.TorchWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Published forms of the built-in model, converted, draw the same pictures as the folder. */
@Execution(ExecutionMode.SAME_THREAD)
class ConvertCommandTest {
  private static Path demo = Path.of("");
  private static byte[] expected = {};

  @TempDir Path temporary;
  private String out = "";
  private String err = "";

  @BeforeAll
  static void drawWithTheFolderItself() throws Exception {
    demo = DemoModel.open().folder();
    expected = picture(demo);
  }

  private int f2d(String... args) {
    PrintStream oldOut = System.out;
    PrintStream oldErr = System.err;
    ByteArrayOutputStream newOut = new ByteArrayOutputStream();
    ByteArrayOutputStream newErr = new ByteArrayOutputStream();
    System.setOut(new PrintStream(newOut, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(newErr, true, StandardCharsets.UTF_8));
    try {
      return F2d.run(args);
    } finally {
      System.setOut(oldOut);
      System.setErr(oldErr);
      out = newOut.toString(StandardCharsets.UTF_8);
      err = newErr.toString(StandardCharsets.UTF_8);
    }
  }

  /** The pixels of one small picture: every part of the model has a say in them. */
  private static byte[] picture(Path model) throws Exception {
    try {
      Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(model);
      DemoModel.SampleFace face = DemoModel.open().face("face_5");
      FaceInput input =
          FaceInput.photo(ImageReader.read(face.image()), Landmarks.read(face.landmarks()));
      GenerationRequest request =
          GenerationRequest.of("a photo of f l at the beach").steps(2).size(32, 32).seed(5).build();
      return pipeline.generate(pipeline.encode(input), request).images().getFirst().rgb();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path torch(String name, Map<String, ?> content) throws IOException {
    Path file = temporary.resolve(name);
    TorchWriter.write(file, content);
    return file;
  }

  private Path safetensors(String name, Map<String, TensorEntry> tensors) throws IOException {
    Path file = temporary.resolve(name);
    SafetensorsWriter.write(file, tensors.values(), Map.of());
    return file;
  }

  private Path converted(Object... args) {
    Path target = temporary.resolve("converted");
    List<String> all = new ArrayList<>(List.of("convert", "-o", target.toString()));
    Stream.of(args).forEach(a -> all.add(a.toString()));
    assertEquals(0, f2d(all.toArray(String[]::new)), err);
    return target;
  }

  private Path msid() throws IOException {
    return torch("msid.pt", PackedModel.part(demo, "msid"));
  }

  private Path mapping() throws IOException {
    return torch("mapping.pt", PackedModel.part(demo, "mapping"));
  }

  @Test
  void singleSafetensorsFile() throws Exception {
    Path file =
        safetensors("sd.safetensors", PackedModel.singleFile(demo, VaeAttention.CONVOLUTION));
    Path model = converted(file, msid(), mapping(), "--layout", demo);
    assertArrayEquals(expected, picture(model));
    assertTrue(err.contains("betas"), "what is left out is said: " + err);
    for (String part : List.of("unet", "vae", "msid", "mapping")) {
      Map<String, TensorEntry> before = PackedModel.part(demo, part);
      Map<String, TensorEntry> after = PackedModel.part(model, part);
      assertEquals(before.keySet(), after.keySet(), part);
      before.forEach(
          (key, tensor) -> {
            assertEquals(tensor.type(), after.get(key).type(), key);
            assertEquals(-1, tensor.data().mismatch(after.get(key).data()), key);
          });
    }
    assertEquals(0, f2d("convert", "--verify", model.toString()), err);
  }

  @Test
  void ckptWithRunningAverages() throws Exception {
    Map<String, TensorEntry> packed =
        PackedModel.withAverages(PackedModel.singleFile(demo, VaeAttention.LINEAR));
    Path file =
        torch("sd.ckpt", Map.of("global_step", 7, "state_dict", packed, "note", "an ordinary one"));
    Path msid =
        torch("backbone.pth", PackedModel.prefixed("module.", PackedModel.part(demo, "msid")));
    Path model = converted(file, msid, mapping(), "--layout", demo, "--ema");
    assertArrayEquals(expected, picture(model));
  }

  @Test
  void diffusersFoldersWithPickles() throws Exception {
    Path folder = temporary.resolve("downloaded");
    try (Stream<Path> files = Files.walk(demo)) {
      for (Path f : (Iterable<Path>) files::iterator) {
        Path to = folder.resolve(demo.relativize(f).toString());
        if (Files.isDirectory(f)) {
          Files.createDirectories(to);
        } else if (!f.toString().endsWith(".safetensors")) {
          Files.copy(f, to);
        }
      }
    }
    torch("downloaded/unet/diffusion_pytorch_model.bin", PackedModel.part(demo, "unet"));
    torch("downloaded/vae/diffusion_pytorch_model.bin", PackedModel.part(demo, "vae"));
    torch("downloaded/text_encoder/pytorch_model.bin", PackedModel.part(demo, "text_encoder"));
    torch("downloaded/msid/msid.pt", PackedModel.part(demo, "msid"));
    torch("downloaded/mapping/mapping.pt", PackedModel.part(demo, "mapping"));
    // Such a folder runs as it is, too.
    assertArrayEquals(expected, picture(folder));
    assertArrayEquals(expected, picture(converted(folder)));
  }

  @Test
  void partsOneAfterAnother() throws Exception {
    Path file = safetensors("sd.safetensors", PackedModel.singleFile(demo, VaeAttention.LINEAR));
    converted(file, "--layout", demo);
    assertTrue(err.contains("it lacks msid, mapping"), err);
    converted(msid());
    Path model = converted(mapping(), "--layout", demo);
    assertFalse(err.contains("lacks"), err);
    assertArrayEquals(expected, picture(model));
    assertEquals(0, f2d("convert", "--verify", model.toString(), "--json"), err);
    JsonNode verified = new ObjectMapper().readTree(out);
    assertEquals(0, verified.get("added").size(), out);
    assertTrue(verified.get("unchanged").size() > 10, out);
  }

  @Test
  void verifyNamesWhatIsNotAsItWas() throws Exception {
    Path model = converted(mapping());
    Path weights = model.resolve("mapping/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    Files.delete(model.resolve("mapping/config.json"));
    Files.writeString(model.resolve("mapping/notes.txt"), "mine");
    assertEquals(ExitCode.MODEL.code(), f2d("convert", "--verify", model.toString()));
    for (String line :
        List.of(
            "changed  mapping/model.safetensors",
            "missing  mapping/config.json",
            "added    mapping/notes.txt")) {
      assertTrue(out.contains(line), out);
    }
    Files.delete(model.resolve(ConversionRecord.NAME));
    assertEquals(ExitCode.MODEL.code(), f2d("convert", "--verify", model.toString()));
    assertTrue(err.contains(ConversionRecord.NAME), err);
  }

  @Test
  void otherDimensionsThanThePublishedOnesNeedALayout() throws Exception {
    Path file = safetensors("sd.safetensors", PackedModel.singleFile(demo, VaeAttention.LINEAR));
    Path target = temporary.resolve("none");
    assertEquals(
        ExitCode.MODEL.code(), f2d("convert", file.toString(), "-o", target.toString()), err);
    assertTrue(err.contains("--layout"), err);
    assertFalse(Files.exists(target), "nothing is begun that cannot be finished");
  }

  @Test
  void inspectListsKeysTypesTotalsAndValues() throws Exception {
    Path file =
        torch(
            "sd.ckpt",
            Map.of(
                "global_step", 7, "state_dict", PackedModel.singleFile(demo, VaeAttention.LINEAR)));
    assertEquals(0, f2d("inspect", file.toString()), err);
    assertTrue(out.contains("Stable Diffusion 1.x in one file"), out);
    assertTrue(out.contains("global_step = 7"), out);
    assertTrue(out.contains("state_dict.model.diffusion_model.input_blocks.0.0.weight"), out);
    assertTrue(out.contains("F16[48,4,3,3]"), out);
    assertEquals(0, f2d("inspect", "--json", "-s", demo.toString()), err);
    JsonNode json = new ObjectMapper().readTree(out).get("checkpoints");
    assertEquals(5, json.size());
    for (JsonNode part : json) {
      assertTrue(part.get("usable").booleanValue(), part.toString());
      assertTrue(part.get("tensors").intValue() > 10, part.toString());
    }
  }

  @Test
  void wrongArguments() throws IOException {
    assertEquals(ExitCode.USAGE.code(), f2d("convert"));
    assertEquals(ExitCode.USAGE.code(), f2d("convert", "x.pt"));
    String target = temporary.resolve("t").toString();
    assertEquals(ExitCode.FILES.code(), f2d("convert", "no-such.pt", "-o", target));
    assertTrue(err.contains("no-such.pt"), err);
    assertEquals(
        ExitCode.USAGE.code(),
        f2d("convert", mapping().toString(), "-o", target, "--prediction-type", "sample"));
    assertEquals(ExitCode.USAGE.code(), f2d("inspect"));
  }
}
