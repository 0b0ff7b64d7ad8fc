package io.github.f2d4j.model.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.image.ImageReader;
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
    Path copy = copyOfDemo();
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

  private Path copyOfDemo() throws IOException {
    Path copy = folder.resolve("in-model");
    try (Stream<Path> files = Files.walk(demo.folder())) {
      for (Path f : (Iterable<Path>) files::iterator) {
        Path to = copy.resolve(demo.folder().relativize(f).toString());
        if (Files.isDirectory(f)) {
          Files.createDirectories(to);
        } else {
          Files.copy(f, to);
        }
      }
    }
    return copy;
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
