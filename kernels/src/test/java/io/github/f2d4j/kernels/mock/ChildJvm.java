package io.github.f2d4j.kernels.mock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of its own for what may only happen once in a JVM, or could end it: JCuda binds to the
 * first driver it meets.
 */
public final class ChildJvm {
  private ChildJvm() {}

  /**
   * What {@code main} prints, given the folder and {@code arguments}; fails unless it ends well.
   */
  public static String run(Class<?> main, Path folder, String... arguments) {
    return run(List.of(), main, folder, arguments);
  }

  /** The same with {@code flags} for the JVM. */
  public static String run(List<String> flags, Class<?> main, Path folder, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED"));
    command.addAll(flags);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), main.getName(), folder.toString()));
    command.addAll(List.of(arguments));
    try {
      Path out = Files.createTempFile(folder, "child", ".txt");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      boolean ended = process.waitFor(60, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      String text = Files.readString(out);
      if (!ended || process.exitValue() != 0) {
        throw new AssertionError(
            main.getSimpleName()
                + (ended ? " ended with " + process.exitValue() : " hangs")
                + ":\n"
                + text);
      }
      return text;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
