package io.github.f2d4j.model.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.model.checkpoint.RandomModel;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.expression.ExpressionConfig;
import io.github.f2d4j.model.expression.ExpressionEncoder;
import io.github.f2d4j.model.image.ImageReader;
import io.github.f2d4j.model.image.PngWriter;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.Tiles;
import io.github.f2d4j.model.replay.GenerationRecord;
import io.github.f2d4j.model.replay.Replay;
import io.github.f2d4j.model.testing.DemoCopy;
import io.github.f2d4j.weights.safetensors.SafetensorsFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The command line as a user meets it: exit codes, messages, and what lies on the disk after. */
@Execution(ExecutionMode.SAME_THREAD)
class F2dTest {
  private static final String PROMPT = "a photo of f l at the beach";

  @TempDir Path folder;
  private DemoModel demo;
  private String out = "";
  private String err = "";

  @BeforeEach
  void openDemo() throws IOException {
    demo = DemoModel.open();
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

  private int generate(Path face, String prompt, String... more) {
    List<String> args = new ArrayList<>(List.of("generate", "--steps", "2", "-f"));
    args.addAll(List.of(face.toString(), "-p", prompt, "-o", folder.resolve("out.png").toString()));
    args.addAll(List.of(more));
    return f2d(args.toArray(String[]::new));
  }

  private Path face() {
    return demo.face("face_5").image();
  }

  private void assertFails(ExitCode expected, int code, String... parts) {
    assertEquals(expected.code(), code, err);
    for (String part : parts) {
      assertTrue(err.contains(part), err);
    }
    assertFalse(err.contains("\tat "), "a stack trace is no message: " + err);
    assertEquals(Set.of(), outputs());
  }

  /** What a run has left in the output folder. */
  private Set<String> outputs() {
    try (Stream<Path> files = Files.list(folder)) {
      Set<String> names = new TreeSet<>();
      files
          .map(f -> f.getFileName().toString())
          .filter(n -> !n.startsWith("in-"))
          .forEach(names::add);
      return names;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void generateWritesPicturesAndSaysWhichModelRan() throws IOException {
    assertEquals(0, generate(face(), PROMPT, "--images", "2", "--seed", "5"), err);
    assertEquals(Set.of("out-1.png", "out-2.png"), outputs());
    assertEquals(64, ImageReader.read(folder.resolve("out-1.png")).width());
    assertTrue(err.contains("built-in demonstration model"), err);
    byte[] second = Files.readAllBytes(folder.resolve("out-2.png"));
    assertEquals(0, generate(face(), PROMPT, "--seed", "6", "--quiet"), err);
    assertArrayEquals(second, Files.readAllBytes(folder.resolve("out.png")));
    assertEquals("", out + err);
  }

  @Test
  void jsonIsOneObjectOnStandardOutput() throws IOException {
    assertEquals(0, generate(face(), PROMPT, "--json", "--scheduler", "ddim"), err);
    JsonNode result = new ObjectMapper().readTree(out);
    assertEquals(folder.resolve("out.png").toString(), result.at("/images/0/file").asText());
    assertEquals(2, result.get("steps").asInt());
    assertEquals("DDIM", result.get("scheduler").asText());
  }

  private Path card(String name, String... faces) {
    Path file = folder.resolve("in-" + name + ".safetensors");
    List<String> args = new ArrayList<>(List.of("encode", "-o", file.toString(), "-q"));
    for (String face : faces) {
      args.addAll(List.of("-f", demo.face(face).image().toString()));
    }
    assertEquals(0, f2d(args.toArray(String[]::new)), err);
    return file;
  }

  private byte[] generated(String... who) throws IOException {
    Path file = folder.resolve("in-generated.png");
    List<String> args = new ArrayList<>(List.of("generate", "--steps", "1", "-q", "-p", PROMPT));
    args.addAll(List.of("--width", "20", "--height", "16", "-g", "1"));
    args.addAll(List.of("-o", file.toString()));
    args.addAll(List.of(who));
    assertEquals(0, f2d(args.toArray(String[]::new)), err);
    return Files.readAllBytes(file);
  }

  @Test
  void whatCannotFitIsRefusedBeforeItStarts() {
    String[] huge = {"--width", "4096", "--height", "4096", "--images", "32", "--tiles", "never"};
    int code = generate(face(), PROMPT, huge);
    assertFails(ExitCode.MEMORY, code, "4096 x 4096", "--no-memory-check");
  }

  @Test
  void aPlanTellsMemoryWorkAndWhetherItFits() throws IOException {
    assertEquals(0, f2d("plan", "--no-time", "--size", "128x64", "--steps", "3", "--json"), err);
    JsonNode plan = new ObjectMapper().readTree(out);
    assertEquals(128, plan.get("width").asInt());
    assertTrue(plan.get("fits").asBoolean(), out);
    assertTrue(plan.get("seconds").isNull(), out);
    long resident = plan.at("/memory/resident_bytes").asLong();
    assertTrue(resident > plan.at("/memory/workspace_bytes").asLong(), out);
    JsonNode denoiser = null;
    for (JsonNode stage : plan.get("stages")) {
      denoiser = stage.get("stage").asText().equals("DENOISER") ? stage : denoiser;
    }
    assertEquals(3, denoiser.get("calls").asInt());
    assertEquals(0, f2d("plan", "--no-time", "--size", "128x64"), err);
    assertTrue(out.contains("128 x 64 pixels") && out.contains("It fits."), out);
    assertFails(ExitCode.USAGE, f2d("plan", "--no-time", "--size", "128"), "768x512");
    assertFails(ExitCode.USAGE, f2d("plan", "--no-time", "--size", "65x64"), "multiples");
  }

  @Test
  void profileSaysWhereTheTimeGoes() throws IOException {
    assertEquals(0, generate(face(), PROMPT, "--profile"), err);
    for (String part :
        List.of("load", "identity encoder", "text encoder", "step", "decoder", "each step, ms")) {
      assertTrue(out.contains(part), out);
    }
    for (String part : List.of("GFLOP/s", "Conv2d 3x3", "attend", "between kernels")) {
      assertTrue(out.contains(part), out);
    }
    assertEquals(0, generate(face(), PROMPT, "--profile", "--json"), err);
    JsonNode profile = new ObjectMapper().readTree(out).get("profile");
    assertEquals(2, profile.at("/milliseconds/step").size());
    assertEquals(1, profile.at("/milliseconds/decode").size());
    double kernels = profile.get("between_kernels_milliseconds").asDouble();
    for (JsonNode kernel : profile.get("kernels")) {
      assertTrue(kernel.get("calls").asLong() > 0 && kernel.get("bytes").asLong() > 0);
      kernels += kernel.get("milliseconds").asDouble();
    }
    double steps = 0;
    for (JsonNode step : profile.at("/milliseconds/step")) {
      steps += step.asDouble();
    }
    assertEquals(steps, kernels, 1e-6, "the parts make up the whole");
    assertEquals(0, generate(face(), PROMPT), err);
    assertFalse(out.contains("GFLOP/s"), "only if asked");
  }

  @Test
  void encodeWritesFeaturesAndWords() throws Exception {
    Path file = folder.resolve("face.safetensors");
    assertEquals(0, f2d("encode", "-f", face().toString(), "-o", file.toString()), err);
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      assertEquals(Set.of("identity", "word_first", "word_last"), Set.copyOf(f.names()));
      assertEquals(256, f.get("identity").type().shape().dim(0));
    }
  }

  @Test
  void aCardTakesThePlaceOfThePhotos() throws IOException {
    String one = demo.face("face_5").image().toString();
    String two = demo.face("face_2").image().toString();
    String five = card("five", "face_5").toString();
    assertArrayEquals(generated("-f", one), generated("--card", five));
    String both = card("both", "face_5", "face_2").toString();
    byte[] mean = generated("-f", one, "-f", two);
    assertArrayEquals(mean, generated("--card", both));
    String second = card("two", "face_2").toString();
    assertArrayEquals(mean, generated("--card", five, "--card", second));
    byte[] blend = generated("--card", five, "--card", second, "--blend", "0.3,0.7");
    assertArrayEquals(blend, generated("-f", one, "--card", second, "--blend", "3,7"));
    assertFalse(java.util.Arrays.equals(mean, blend));
    assertArrayEquals(
        generated("-f", two), generated("--card", five, "--card", second, "--blend", "0,1"));
  }

  @Test
  void whoIsInThePictureMustBeClear() {
    String five = card("five", "face_5").toString();
    String[] generate = {"generate", "-p", PROMPT, "-o", folder.resolve("out.png").toString()};
    assertFails(ExitCode.USAGE, f2d(generate), "--face", "--card");
    assertFails(ExitCode.USAGE, generate(face(), PROMPT, "--blend", "1,2"), "2 weights for 1");
    assertFails(ExitCode.INPUT, generate(face(), PROMPT, "--card", five, "--blend", "1,-2"), "-2");
    assertFails(ExitCode.USAGE, generate(face(), PROMPT, "-l", "a", "-l", "b"), "2 --landmarks");
    assertFails(
        ExitCode.INPUT, generate(face(), PROMPT, "--card", face().toString()), "identity card");
    assertFails(ExitCode.FILES, generate(face(), PROMPT, "--card", "no.card"), "no.card");
  }

  @Test
  void aCardOfAnotherEncoderIsRefused() throws IOException {
    String five = card("five", "face_5").toString();
    Path other = DemoCopy.to(folder.resolve("in-model"));
    DemoCopy.changeWeight(other, "msid");
    String out = folder.resolve("out.png").toString();
    assertFails(
        ExitCode.INPUT,
        f2d("generate", "-p", PROMPT, "--card", five, "-m", other.toString(), "-o", out),
        "in-five.safetensors",
        "another identity encoder",
        "f2d encode");
  }

  @Test
  void aBackendIsChosenByName() throws IOException {
    String face = face().toString();
    byte[] named = generated("-f", face, "--backend", "cpu");
    assertArrayEquals(generated("-f", face), named);
    assertFails(ExitCode.USAGE, generate(face(), PROMPT, "--backend", "abacus"), "abacus");
    assertFails(ExitCode.USAGE, generate(face(), PROMPT, "--backend", "cpu,cpu:7"), "cpu:7");
    int two = generate(face(), PROMPT, "--backend", "cpu,cpu:0", "--images", "2");
    assertEquals(0, two, err);
    assertTrue(Files.exists(folder.resolve("out-1.png")), err);
  }

  @Test
  void anExpressionComesAsNumbersOrAFile() throws IOException {
    String face = face().toString();
    byte[] smile = generated("-f", face, "--expression", "1.5,-0.5,1");
    assertFalse(java.util.Arrays.equals(generated("-f", face), smile));
    Path list = Files.writeString(folder.resolve("in-list.json"), "[1.5, -0.5, 1]");
    assertArrayEquals(smile, generated("-f", face, "--expression", list.toString()));
    Path text = Files.writeString(folder.resolve("in-list.txt"), "1.5 -0.5\n1\n");
    assertArrayEquals(smile, generated("-f", face, "--expression", text.toString()));
    Path bad = Files.writeString(folder.resolve("in-bad.json"), "[1, \"x\"]");
    String none = folder.resolve("none.txt").toString();
    assertFails(ExitCode.USAGE, generate(face(), PROMPT, "--expression", bad.toString()), "in-bad");
    assertFails(ExitCode.FILES, generate(face(), PROMPT, "--expression", none), "none.txt");
    assertFails(ExitCode.USAGE, generate(face(), PROMPT, "--expression", "1,,2"), "not a number");
  }

  @Test
  void anExpressionFromAPhotoNeedsTheEncoderAndTheRightCrop() throws IOException {
    assertFails(
        ExitCode.USAGE,
        generate(face(), PROMPT, "--expression-from", face().toString()),
        "224 x 224",
        "--expression");
    Path crop = folder.resolve("in-crop.png");
    byte[] rgb = new byte[224 * 224 * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i / 97);
    }
    PngWriter.write(crop, RgbImage.of(224, 224, rgb));
    assertFails(
        ExitCode.USAGE,
        generate(face(), PROMPT, "--expression-from", crop.toString()),
        "no expression encoder",
        "folder expression");
    assertFails(
        ExitCode.USAGE,
        generate(face(), PROMPT, "--expression-from", crop.toString(), "--expression", "1"),
        "exclude");
    Path model = DemoCopy.to(folder.resolve("in-model"));
    ExpressionConfig small =
        new ExpressionConfig(4, List.of(4, 4, 4, 4), List.of(1, 1, 1, 1), 4, List.of(2, 64), 2, 66);
    RandomModel.write(
        folder.resolve("in-networks"),
        List.of(
            new RandomModel.Component(
                "expression", "model.safetensors", "{}", w -> new ExpressionEncoder(w, small))),
        java.util.Map.of(),
        io.github.f2d4j.engine.types.DType.F32,
        1,
        f -> {});
    Files.move(folder.resolve("in-networks/expression"), model.resolve("expression"));
    byte[] from =
        generated("-f", face().toString(), "-m", model.toString(), "--expression-from", crop + "");
    Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(model);
    String numbers =
        pipeline.encodeExpression(ImageReader.read(crop)).stream()
            .map(String::valueOf)
            .collect(java.util.stream.Collectors.joining(","));
    assertArrayEquals(
        generated("-f", face().toString(), "-m", model.toString(), "--expression", numbers), from);
  }

  @Test
  void replayMakesTheSameBytesOrSaysWhatDiffers() throws IOException {
    String face = face().toString();
    Path picture = folder.resolve("in-generated.png");
    byte[] original = generated("-f", face, "--expression", "1");
    Path again = folder.resolve("again.png");
    String[] replay = {"replay", picture.toString(), "-o", again.toString()};
    assertFails(ExitCode.DIFFERENT, f2d(replay));
    assertTrue(out.contains("identity") && out.contains("--card"), out);
    assertEquals(0, f2d("replay", picture.toString(), "-f", face, "-o", again.toString()), err);
    assertTrue(out.contains("the same bytes"), out);
    assertArrayEquals(original, Files.readAllBytes(again));
    assertEquals(0, f2d("replay", picture.toString(), "-f", face, "--json"), err);
    JsonNode result = new ObjectMapper().readTree(out);
    assertTrue(result.get("same_bytes").asBoolean() && result.get("differences").isEmpty(), out);

    byte[] embedded = generated("-f", face, "--embed-identity");
    assertEquals(0, f2d(replay), err);
    assertArrayEquals(embedded, Files.readAllBytes(again));
    Files.delete(again);

    Path other = DemoCopy.to(folder.resolve("in-model"));
    DemoCopy.changeWeight(other, "vae");
    List<String> on = new ArrayList<>(List.of(replay));
    on.addAll(List.of("-m", other.toString()));
    assertFails(ExitCode.DIFFERENT, f2d(on.toArray(String[]::new)));
    assertTrue(out.contains("weights of vae") && !out.contains("unet"), out);
    on.add("--force");
    f2d(on.toArray(String[]::new));
    assertTrue(out.contains("weights of vae") && out.contains("made again"), out);
    assertTrue(Files.exists(again));
  }

  @Test
  void replayRefusesWhatCannotFitBeforeItStarts() throws IOException {
    generated("-f", face().toString(), "--embed-identity");
    GenerationRecord r = Replay.read(folder.resolve("in-generated.png")).record();
    int side = 5632;
    GenerationRequest request = r.request().toBuilder().size(side, side).tiles(Tiles.NEVER).build();
    GenerationRecord huge =
        new GenerationRecord(
            r.version(),
            r.backend(),
            request,
            r.noise(),
            r.scheduler(),
            r.weights(),
            r.pixels(),
            r.identityCheck(),
            r.words());
    Path picture = folder.resolve("in-huge.png");
    PngWriter.write(picture, RgbImage.of(side, side, new byte[3 * side * side]), huge.texts());
    int code = f2d("replay", picture.toString(), "--force");
    assertFails(ExitCode.MEMORY, code, side + " x " + side, "by generate", "--no-memory-check");
  }

  @Test
  void replayRefusesWhatIsNoRecord() {
    assertFails(ExitCode.INPUT, f2d("replay", face().toString()), "no record");
    assertFails(ExitCode.INPUT, f2d("replay", folder.resolve("none.png").toString()), "none.png");
  }

  @Test
  void doctorFindsThisMachineFitAndTheModelWhole() {
    assertEquals(0, f2d("doctor", "--model", demo.folder().toString()), out);
    for (String subject : List.of("jdk", "lanes", "threads", "memory", "backend cpu", "model")) {
      assertTrue(out.contains(subject), out);
    }
  }

  @Test
  void doctorFindsADamagedModel() {
    assertEquals(ExitCode.UNHEALTHY.code(), f2d("doctor", "--model", folder.toString()), out);
    assertTrue(out.contains("FAIL"), out);
  }

  @Test
  void wrongOptionsAreUsageErrors() {
    assertEquals(2, f2d("generate"));
    assertEquals(2, f2d("nonsense"));
    assertEquals(2, f2d());
    assertFails(ExitCode.USAGE, generate(face(), PROMPT, "--steps", "0"), "steps");
    assertFails(ExitCode.USAGE, generate(face(), PROMPT, "--width", "63"), "63");
    assertFails(ExitCode.USAGE, generate(face(), PROMPT, "--threads", "0"), "threads");
    assertFails(ExitCode.USAGE, generate(face(), PROMPT, "--precision", "tf32"), "tf32");
  }

  @Test
  void aPhotoThatCannotBeUsed() throws IOException {
    assertFails(ExitCode.INPUT, generate(folder.resolve("none.png"), PROMPT), "none.png");
    Path text = Files.writeString(folder.resolve("in-text.png"), "no picture");
    assertFails(ExitCode.INPUT, generate(text, PROMPT), "in-text.png");
    Path bomb = folder.resolve("in-bomb.png");
    Files.write(bomb, Files.readAllBytes(face()));
    try (RandomAccessFile file = new RandomAccessFile(bomb.toFile(), "rw")) {
      file.seek(16); // The size in IHDR.
      file.writeInt(60_000);
      file.writeInt(60_000);
      java.util.zip.CRC32 crc = new java.util.zip.CRC32();
      byte[] header = new byte[17];
      file.seek(12);
      file.readFully(header);
      crc.update(header);
      file.writeInt((int) crc.getValue());
    }
    assertFails(ExitCode.INPUT, generate(bomb, PROMPT), "60000");
    byte[] whole = Files.readAllBytes(face());
    Path cut = folder.resolve("in-cut.png");
    Files.write(cut, java.util.Arrays.copyOf(whole, whole.length / 2));
    assertFails(ExitCode.INPUT, generate(cut, PROMPT), "in-cut.png");
  }

  @Test
  void landmarksThatAreMissingOrWrong() throws IOException {
    Path photo = Files.copy(face(), folder.resolve("in-photo.png"));
    assertFails(ExitCode.INPUT, generate(photo, PROMPT), "landmarks", "112");
    assertFails(ExitCode.INPUT, generate(photo, PROMPT, "-l", "1,2 3,4"), "found 2 points");
    String far = "9000,9000 9010,9000 9005,9010 9000,9020 9010,9020";
    assertFails(ExitCode.INPUT, generate(photo, PROMPT, "-l", far), "64");
    Path none = folder.resolve("none.json");
    assertFails(ExitCode.INPUT, generate(photo, PROMPT, "-l", none.toString()), "none.json");
  }

  @Test
  void aPromptWithoutTheIdentifier() {
    assertFails(ExitCode.INPUT, generate(face(), "a photo at the beach"), "f l", "at the beach");
    assertFails(ExitCode.USAGE, generate(face(), " "), "empty");
  }

  @Test
  void aModelThatCannotBeUsed() throws IOException {
    assertFails(
        ExitCode.MODEL, generate(face(), PROMPT, "-m", folder.toString()), "no model folder");
    String none = folder.resolve("none").toString();
    assertFails(ExitCode.MODEL, generate(face(), PROMPT, "-m", none), "none");
    Path copy = DemoCopy.to(folder.resolve("in-model"));
    Path unet = copy.resolve("unet/diffusion_pytorch_model.safetensors");
    byte[] whole = Files.readAllBytes(unet);
    Files.write(unet, java.util.Arrays.copyOf(whole, whole.length - 1000));
    assertFails(ExitCode.MODEL, generate(face(), PROMPT, "-m", copy.toString()), "unet");
    byte[] nan = whole.clone();
    nan[nan.length - 1] = 0x7f; // The upper byte of a float16: with any mantissa, not a number.
    nan[nan.length - 2] = 0x01;
    Files.write(unet, nan);
    assertFails(ExitCode.MODEL, generate(face(), PROMPT, "-m", copy.toString()), "NaN");
    Files.delete(unet);
    assertFails(ExitCode.MODEL, generate(face(), PROMPT, "-m", copy.toString()), "unet");
  }

  @Test
  void anOutputThatCannotBeWrittenIsFoundBeforeTheWork() {
    String missing = folder.resolve("no/such/out.png").toString();
    int code = f2d("generate", "-f", face().toString(), "-p", PROMPT, "-o", missing);
    assertFails(ExitCode.FILES, code, "folder does not exist");
    assertFalse(err.contains("built-in"), "it should fail before a model is loaded: " + err);
  }

  @Test
  void helpNamesEveryExitCode() {
    assertEquals(0, f2d("--help"));
    for (ExitCode code : ExitCode.values()) {
      assertTrue(out.contains(Integer.toString(code.code())), out);
    }
  }
}
