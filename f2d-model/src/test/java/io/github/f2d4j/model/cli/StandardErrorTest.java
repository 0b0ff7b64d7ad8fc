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
  @TempDir Path folder;

  @Test
  void restoredErrorGoesToTheKeptDescriptor() throws Exception {
    assertEquals("before\n", run("-D" + StandardError.PROPERTY + "=3"));
    assertEquals("after\n", Files.readString(folder.resolve("third")));
  }

  @Test
  void withoutTheScriptNothingMoves() throws Exception {
    assertEquals("before\nafter\n", run("-Dunrelated=3"));
    assertEquals("", Files.readString(folder.resolve("third")));
  }

  /** Runs {@link Prints} with descriptors 2 and 3 in files; returns what came on 2. */
  private String run(String property) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "exec \"$0\" --enable-native-access=ALL-UNNAMED \"$1\" -cp \"$2\" \"$3\""
                    + " 2>second 3>third",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                property,
                System.getProperty("java.class.path"),
                Prints.class.getName())
            .directory(folder.toFile())
            .start();
    assertEquals(0, process.waitFor());
    return Files.readString(folder.resolve("second"));
  }

  /** The program that is run. */
  static final class Prints {
    private Prints() {}

    public static void main(String[] args) {
      System.err.println("before");
      StandardError.restore();
      System.err.println("after");
    }
  }
}
