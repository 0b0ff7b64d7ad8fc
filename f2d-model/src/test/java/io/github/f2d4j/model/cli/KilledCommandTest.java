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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kills commands without warning (SIGKILL) and looks at what is left: whatever has a final name is
 * complete, and the same command then succeeds over the remains. Half of the moments are spread
 * evenly over the whole run; the others follow the first sign of writing, from at once to the end
 * of the run, evenly on a logarithmic scale, because writing a small file takes next to no time.
 */
class KilledCommandTest {
  private static final boolean SOAK = Boolean.getBoolean("f2d4j.soak");

  /** Longest a command may take; a soak test may be paused as a whole while others measure. */
  private static final int MINUTES = SOAK ? 120 : 3;

  /** Moments for each command: a few in every build, more with {@code -Psoak}. */
  private static final int MOMENTS = SOAK ? 50 : 2;

  private static final long SEED = Long.getLong("f2d4j.kills.seed", 1);

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** How often to look for the first sign of writing; also the shortest wait after it. */
  private static final long LOOK_NANOS = 20_000;

  @TempDir Path folder;

  static List<WritingCommand> commands() {
    return WritingCommand.all();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void whatHasAFinalNameIsComplete(WritingCommand command) throws Exception {
    Path undisturbed = Files.createDirectory(folder.resolve("whole"));
    Life life = live(command, undisturbed);
    Map<String, String> whole = WritingCommand.digests(undisturbed);
    assertFalse(whole.isEmpty(), "it writes something");
    assertTrue(whole.keySet().stream().noneMatch(WritingCommand::isTemporary), whole.toString());

    Random random = new Random(SEED);
    Tally tally = new Tally(whole);
    Path remains = undisturbed;
    for (int i = 0; i < MOMENTS; i++) {
      delete(remains);
      remains = Files.createDirectory(folder.resolve("killed-" + i));
      int turn = i / 2;
      int turns = (MOMENTS + 1) / 2;
      double moment = (turn + random.nextDouble()) / turns;
      long start = System.nanoTime();
      Process process = start(command, remains);
      if (i % 2 == 0) {
        sleep((long) (moment * life.nanos));
      } else {
        awaitWriting(process, remains);
        sleep((long) (LOOK_NANOS * Math.pow((double) life.writingNanos / LOOK_NANOS, moment)));
      }
      boolean alive = process.isAlive();
      process.destroyForcibly();
      long nanos = System.nanoTime() - start;
      assertTrue(process.waitFor(MINUTES, TimeUnit.MINUTES));
      Map<String, String> left = check(remains, whole);
      if (alive) {
        tally.killed(nanos, left);
      } else {
        assertEquals(0, process.exitValue(), "it ended before it was killed");
        assertEquals(whole, left, "it ended before it was killed");
        tally.ended++;
      }
    }
    System.out.println(command + ", of about " + seconds(life.nanos) + ": " + tally);
    assertTrue(tally.killed > 0, "no run was still alive when it was killed");
    if (SOAK) {
      assertTrue(tally.killed >= MOMENTS / 2, "most runs had ended when they were to be killed");
      assertTrue(tally.before > 0, "none was killed before it wrote");
      assertTrue(tally.writing > 0, "none was killed while it wrote a file");
    }

    run(command, remains);
    Map<String, String> after = WritingCommand.digests(remains);
    after.keySet().removeIf(WritingCommand::isTemporary);
    assertEquals(whole, after, "the command succeeds over the remains of a killed one");
  }

  /** How long an undisturbed run took, and how much of that after the first sign of writing. */
  private record Life(long nanos, long writingNanos) {}

  private static Life live(WritingCommand command, Path out) throws Exception {
    long start = System.nanoTime();
    Process process = start(command, out);
    awaitWriting(process, out);
    long writing = System.nanoTime();
    awaitSuccess(command, process);
    long end = System.nanoTime();
    return new Life(end - start, end - writing);
  }

  /** What the runs were doing when they were killed, by what they left. */
  private static final class Tally {
    private final int files;
    private final List<Long> moments = new ArrayList<>();
    int killed;
    int ended;
    int before;
    int writing;
    private int between;
    private int after;

    Tally(Map<String, String> whole) {
      files = whole.size();
    }

    void killed(long nanos, Map<String, String> left) {
      killed++;
      moments.add(nanos);
      if (left.isEmpty()) {
        before++;
      } else if (left.keySet().stream().anyMatch(WritingCommand::isTemporary)) {
        writing++;
      } else if (left.size() < files) {
        between++;
      } else {
        after++;
      }
    }

    @Override
    public String toString() {
      moments.sort(null);
      return ("killed %d before its end (%d before it wrote, %d with a file begun, %d between"
              + " files, %d after the last), %d had ended; killed after %s")
          .formatted(
              killed,
              before,
              writing,
              between,
              after,
              ended,
              moments.stream().map(KilledCommandTest::seconds).collect(Collectors.joining(", ")));
    }
  }

  private static String seconds(long nanos) {
    return "%.2f s".formatted(nanos / 1e9);
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
    awaitSuccess(command, start(command, out));
  }

  private static void awaitSuccess(WritingCommand command, Process process) throws Exception {
    assertTrue(process.waitFor(MINUTES, TimeUnit.MINUTES), "no end of " + command);
    assertEquals(0, process.exitValue(), command.toString());
  }

  private static void awaitWriting(Process process, Path out) throws IOException {
    while (process.isAlive()) {
      try (Stream<Path> files = Files.list(out)) {
        if (files.findAny().isPresent()) {
          return;
        }
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private static void sleep(long nanos) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(nanos);
  }
}
