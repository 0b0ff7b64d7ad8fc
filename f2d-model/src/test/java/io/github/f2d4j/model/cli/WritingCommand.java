package io.github.f2d4j.model.cli;

import io.github.f2d4j.engine.cpu.ForkedJvm;
import io.github.f2d4j.model.demo.DemoModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * A command that writes files, for tests that disturb it. The demonstration model runs; equal runs
 * write equal bytes.
 *
 * @param name of the command, for the report
 * @param arguments the command line, given the model and an empty folder to write into
 */
record WritingCommand(String name, BiFunction<DemoModel, Path, List<String>> arguments) {
  private static final String PROMPT = "a photo of f l at the beach";

  /** Every command that writes for its user; a new one needs a row here. */
  static List<WritingCommand> all() {
    return List.of(
        new WritingCommand(
            "convert",
            (demo, out) ->
                List.of(
                    "convert",
                    demo.folder().toString(),
                    "--dtype=F32",
                    "--output=" + out.resolve("model"))),
        new WritingCommand(
            "encode",
            (demo, out) ->
                List.of(
                    "encode",
                    "--model=" + demo.folder(),
                    "--face=" + demo.face("face_5").image(),
                    "--output=" + out.resolve("face.safetensors"))),
        new WritingCommand(
            "generate",
            (demo, out) ->
                List.of(
                    "generate",
                    "--model=" + demo.folder(),
                    "--face=" + demo.face("face_5").image(),
                    "--prompt=" + PROMPT,
                    "--steps=1",
                    "--images=3",
                    "--output=" + out.resolve("picture.png"))));
  }

  /** The command line of a JVM that runs this command and writes into {@code out}. */
  List<String> commandLine(Path out) throws IOException {
    List<String> arguments = this.arguments.apply(DemoModel.open(), out);
    return ForkedJvm.command(
        F2d.class,
        List.of("--add-modules", "jdk.incubator.vector"),
        // The first compiler starts soonest; it knows no vectors, so plain loops go with it.
        List.of("-XX:TieredStopAtLevel=1", "-Df2d4j.lanes=scalar"),
        arguments.toArray(String[]::new));
  }

  /** Whether a name is a temporary one, which nobody takes for a result. */
  static boolean isTemporary(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    return last.startsWith(".") && last.endsWith(".tmp");
  }

  /** Whether a file is replaced by a newer state of itself as the run goes on. */
  static boolean isJournal(String name) {
    return name.endsWith("conversion.json");
  }

  /** The digest of every file below {@code folder}, by its path in it. */
  static Map<String, String> digests(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(folder)) {
      walk.filter(Files::isRegularFile).forEach(files::add);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    Map<String, String> digests = new TreeMap<>();
    for (Path file : files) {
      String name = folder.relativize(file).toString().replace('\\', '/');
      digests.put(name, sha256(file));
    }
    return digests;
  }

  private static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
