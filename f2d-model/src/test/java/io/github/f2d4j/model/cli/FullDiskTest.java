package io.github.f2d4j.model.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Commands on a disk that is full: a small file system in memory, mounted in a name space of the
 * child's own, where the system allows that to users (Linux). {@code AtomicFileTest} covers the
 * rest with an injected failure.
 */
class FullDiskTest {
  private static final int MINUTES = 3;

  /** Mounts 64 KiB, fills them, runs the command, and lists the files. */
  private static final String SCRIPT =
      """
      disk=$1
      shift
      mount -t tmpfs -o size=64k none "$disk" || exit 99
      head -c 65536 /dev/zero > "$disk/others"
      "$@"
      code=$?
      echo "left:" $(cd "$disk" && find . -type f)
      exit $code
      """;

  @TempDir Path folder;

  static List<WritingCommand> commands() {
    return WritingCommand.all();
  }

  private int run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said").toFile())
            .start();
    assertTrue(process.waitFor(MINUTES, TimeUnit.MINUTES), "no end of " + command);
    return process.exitValue();
  }

  private List<String> onSmallDisk(Path disk, List<String> command) {
    List<String> all =
        new ArrayList<>(List.of("unshare", "-rm", "sh", "-c", SCRIPT, "sh", disk.toString()));
    all.addAll(command);
    return all;
  }

  private boolean canMount(Path disk) throws InterruptedException {
    try {
      return run(onSmallDisk(disk, List.of("true"))) == 0;
    } catch (IOException e) {
      return false; // There is no such program here.
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void oneClearMessageAndNoDebris(WritingCommand command) throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(canMount(disk), "this system does not let users mount");
    int code = run(onSmallDisk(disk, command.commandLine(disk)));
    List<String> said = Files.readAllLines(folder.resolve("said"));
    assertEquals(ExitCode.FILES.code(), code, String.join("\n", said));
    List<String> messages = said.stream().filter(line -> line.startsWith("f2d:")).toList();
    assertEquals(1, messages.size(), said.toString());
    String message = messages.getFirst();
    // convert looks before it writes; the others hear it from the system.
    String words = command.name().equals("convert") ? "not enough space" : "No space left";
    assertTrue(message.contains(words), message);
    assertTrue(message.contains(disk.toString()), message);
    assertTrue(message.contains("free"), message);
    assertTrue(said.contains("left: ./others"), said.toString());
    assertTrue(said.stream().noneMatch(line -> line.contains("\tat ")), said.toString());
  }
}
