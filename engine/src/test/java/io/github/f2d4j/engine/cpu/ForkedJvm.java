package io.github.f2d4j.engine.cpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

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
    return run(Duration.ofMinutes(2), command(main, modules, flags, arguments));
  }

  /**
   * What a command printed to both streams.
   *
   * @param command as {@link #command} makes it
   * @throws AssertionError if it ends with an error or runs longer than {@code limit}
   */
  public static String run(Duration limit, List<String> command)
      throws IOException, InterruptedException {
    // A file, not a pipe: a child that prints more than a pipe holds would wait for its reader.
    Path out = Files.createTempFile("forked-jvm", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      boolean ended = process.waitFor(limit);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      String text = Files.readString(out, StandardCharsets.UTF_8);
      if (!ended || process.exitValue() != 0) {
        throw new AssertionError(
            (ended ? "exit code " + process.exitValue() : "no end within " + limit)
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

  /** The command that starts such a JVM, for tests that do something else with it than wait. */
  public static List<String> command(
      Class<?> main, List<String> modules, List<String> flags, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(modules);
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath(), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Where this JVM's classes came from; Surefire hides the real list behind a manifest jar. */
  private static String classPath() {
    String surefire = System.getProperty("surefire.test.class.path");
    return surefire != null ? surefire : System.getProperty("java.class.path");
  }
}
