package io.github.f2d4j.model.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher script runs on POSIX shells")
class StandardErrorTest {
  private static final String KEPT = "-D" + StandardError.PROPERTY + "=3";
  private static final String OPENS = "--add-opens=java.base/java.io=ALL-UNNAMED";

  @TempDir Path folder;

  @Test
  void restoredErrorGoesToTheKeptDescriptor() throws Exception {
    run("1>first 2>second 3>third", OPENS, KEPT);
    assertEquals("before\n", written("second"));
    assertEquals("after\nno line", written("third"));
    assertEquals("out\n", written("first"));
  }

  @Test
  void whereItSharesAFileWithStandardOutputBothAreWhole() throws Exception {
    run("1>first 2>second 3>&1", OPENS, KEPT);
    assertEquals("before\n", written("second"));
    assertEquals("after\nout\nno line", written("first"));
  }

  @Test
  void withoutTheScriptNothingMoves() throws Exception {
    run("1>first 2>second 3>third", OPENS, "-Dunrelated=3");
    assertEquals("before\nafter\nno line", written("second"));
    assertEquals("", written("third"));
  }

  @Test
  void whereTheJvmDoesNotAllowItNothingMoves() throws Exception {
    run("1>first 2>second 3>third", "-Dunrelated=3", KEPT);
    assertEquals("before\nafter\nno line", written("second"));
    assertEquals("", written("third"));
  }

  private String written(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }

  /** Runs {@link Prints} with descriptors redirected as the shell does. */
  private void run(String redirections, String flag1, String flag2)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "exec \"$0\" \"$1\" \"$2\" -cp \"$3\" \"$4\" " + redirections,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                flag1,
                flag2,
                System.getProperty("java.class.path"),
                Prints.class.getName())
            .directory(folder.toFile())
            .start();
    assertEquals(0, process.waitFor());
  }

  /** The program that is run. */
  static final class Prints {
    private Prints() {}

    public static void main(String[] args) {
      System.err.println("before");
      StandardError.restore();
      System.err.println("after");
      System.out.println("out");
      System.err.print("no line");
    }
  }
}
