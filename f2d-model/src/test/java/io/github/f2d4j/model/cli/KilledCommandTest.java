package io.github.f2d4j.model.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kills commands without warning (SIGKILL) and looks at what is left: whatever has a final name is
 * complete, and the same command then succeeds over the remains. Half of the moments are spread
 * over the whole run, the others hit while files are being written.
 */
class KilledCommandTest {
  private static final int MINUTES = 3;

  /** Moments for each command: a few in every build, more with {@code -Psoak}. */
  private static final int MOMENTS = Boolean.getBoolean("f2d4j.soak") ? 50 : 2;

  private static final long SEED = Long.getLong("f2d4j.kills.seed", 1);

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** Longest wait, in microseconds, between the first sign of writing and the kill. */
  private static final int WRITING_MICROS = 20_000;

  @TempDir Path folder;

  static List<WritingCommand> commands() {
    return WritingCommand.all();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void whatHasAFinalNameIsComplete(WritingCommand command) throws Exception {
    Path undisturbed = Files.createDirectory(folder.resolve("whole"));
    long start = System.nanoTime();
    run(command, undisturbed);
    long nanos = System.nanoTime() - start;
    Map<String, String> whole = WritingCommand.digests(undisturbed);
    assertFalse(whole.isEmpty(), "it writes something");
    assertTrue(whole.keySet().stream().noneMatch(WritingCommand::isTemporary), whole.toString());

    Random random = new Random(SEED);
    Tally tally = new Tally();
    Path remains = undisturbed;
    for (int i = 0; i < MOMENTS; i++) {
      delete(remains);
      remains = Files.createDirectory(folder.resolve("killed-" + i));
      Process process = start(command, remains);
      if (i % 2 == 0) {
        sleep((long) (random.nextDouble() * nanos));
      } else {
        awaitWriting(process, remains);
        sleep(1000L * random.nextInt(WRITING_MICROS));
      }
      tally.killed += process.isAlive() ? 1 : 0;
      process.destroyForcibly();
      assertTrue(process.waitFor(MINUTES, TimeUnit.MINUTES));
      tally.add(check(remains, whole));
    }
    System.out.printf(
        "%s: killed %d of %d runs of about %.1f s; left nothing %d times, final files %d, temporary"
            + " files %d%n",
        command, tally.killed, MOMENTS, nanos / 1e9, tally.empty, tally.complete, tally.temporary);
    assertTrue(tally.killed > 0, "no run was still alive when it was killed");

    run(command, remains);
    Map<String, String> after = WritingCommand.digests(remains);
    after.keySet().removeIf(WritingCommand::isTemporary);
    assertEquals(whole, after, "the command succeeds over the remains of a killed one");
  }

  private static final class Tally {
    int killed;
    int empty;
    int complete;
    int temporary;

    void add(Map<String, String> left) {
      empty += left.isEmpty() ? 1 : 0;
      int unfinished = (int) left.keySet().stream().filter(WritingCommand::isTemporary).count();
      temporary += unfinished;
      complete += left.size() - unfinished;
    }
  }

  /** Fails if a file has a final name and not its final bytes. */
  private static Map<String, String> check(Path remains, Map<String, String> whole)
      throws IOException {
    Map<String, String> left = WritingCommand.digests(remains);
    for (Map.Entry<String, String> file : left.entrySet()) {
      String name = file.getKey();
      if (WritingCommand.isJournal(name)) {
        JsonNode journal = JSON.readTree(remains.resolve(name).toFile());
        assertTrue(journal.isObject() && journal.has("format"), name + " is not complete");
      } else if (!WritingCommand.isTemporary(name)) {
        assertEquals(
            whole.get(name), file.getValue(), name + " has its final name but is not complete");
      }
    }
    return left;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path file : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static Process start(WritingCommand command, Path out) throws IOException {
    File nowhere = new File(File.separatorChar == '\\' ? "NUL" : "/dev/null");
    return new ProcessBuilder(command.commandLine(out))
        .redirectErrorStream(true)
        .redirectOutput(nowhere)
        .start();
  }

  private static void run(WritingCommand command, Path out) throws Exception {
    Process process = start(command, out);
    assertTrue(process.waitFor(MINUTES, TimeUnit.MINUTES), "no end of " + command);
    assertEquals(0, process.exitValue(), command.toString());
  }

  private static void awaitWriting(Process process, Path out)
      throws IOException, InterruptedException {
    while (process.isAlive()) {
      try (Stream<Path> files = Files.list(out)) {
        if (files.findAny().isPresent()) {
          return;
        }
      }
      TimeUnit.MICROSECONDS.sleep(500);
    }
  }

  private static void sleep(long nanos) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(nanos);
  }
}
