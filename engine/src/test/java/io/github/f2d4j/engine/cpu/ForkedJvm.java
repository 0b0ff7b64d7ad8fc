package io.github.f2d4j.engine.cpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a main class of the tests in a JVM of its own, for what is fixed once per JVM: lane width,
 * thread count, absent modules.
 */
public final class ForkedJvm {
  private ForkedJvm() {}

  /**
   * What {@code main} printed to both streams.
   *
   * @param modules flags that change the module graph, empty for none
   * @param flags further flags of the JVM, such as {@code -Dname=value}
   * @throws AssertionError if it ends with an error or runs longer than two minutes
   */
  public static String run(
      Class<?> main, List<String> modules, List<String> flags, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(modules);
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath(), main.getName()));
    command.addAll(List.of(arguments));
    // A file, not a pipe: a child that prints more than a pipe holds would wait for its reader.
    Path out = Files.createTempFile("forked-jvm", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      boolean ended = process.waitFor(2, TimeUnit.MINUTES);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      String text = Files.readString(out, StandardCharsets.UTF_8);
      if (!ended || process.exitValue() != 0) {
        throw new AssertionError(
            (ended ? "exit code " + process.exitValue() : "no end within two minutes")
                + " of "
                + command
                + "\n"
                + text);
      }
      return text;
    } finally {
      Files.delete(out);
    }
  }

  /** Where this JVM's classes came from; Surefire hides the real list behind a manifest jar. */
  private static String classPath() {
    String surefire = System.getProperty("surefire.test.class.path");
    return surefire != null ? surefire : System.getProperty("java.class.path");
  }
}
