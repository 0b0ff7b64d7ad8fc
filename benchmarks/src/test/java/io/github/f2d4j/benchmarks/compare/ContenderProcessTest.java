package io.github.f2d4j.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.benchmarks.compare.Remote.Launch;
import io.github.f2d4j.benchmarks.compare.Remote.Refused;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library itself as a contender, in processes of its own. */
class ContenderProcessTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static Remote start(String name, Path scratch) throws Exception {
    return Remote.start(
        ContenderProcess.named(name),
        NetworkFiles.parse(List.of()),
        Launch.of(2, 4L << 30),
        scratch.resolve("log"));
  }

  @Test
  void widthsAgreeAndTakeTurns(@TempDir Path scratch) throws Exception {
    try (Remote vectors = start("f2d4j", scratch);
        Remote loops = start("f2d4j-loops", scratch)) {
      assertTrue(loops.description().contains("plain loops"), loops.description());
      Comparison comparison =
          new Comparison(
              List.of(vectors, loops),
              new Comparison.Settings(
                  3, 3, Duration.ofMillis(1), Duration.ofMillis(1), LIMIT, LIMIT, 2, scratch),
              text -> {});
      Row row = comparison.measure(Workload.parse("layernorm 64x32")).getFirst();
      assertEquals(2, row.outcomes().size());
      assertTrue(row.outcomes().stream().allMatch(o -> o.isTimed() && o.seconds().size() == 3));
      assertEquals(0, row.outcomes().get(1).error(), "results do not depend on the width");
      assertEquals(3, row.ratios("f2d4j", "f2d4j-loops").size());
    }
  }

  @Test
  void aRefusalSaysWhy(@TempDir Path scratch) throws Exception {
    try (Remote remote = start("f2d4j", scratch)) {
      Refused none = assertThrows(Refused.class, () -> remote.time(Duration.ZERO, LIMIT));
      assertTrue(none.getMessage().contains("nothing is prepared"), none.getMessage());
      Refused network =
          assertThrows(Refused.class, () -> remote.prepare(Workload.parse("network unet"), LIMIT));
      assertTrue(network.getMessage().contains("no folder for UNET"), network.getMessage());
      // It goes on after a refusal.
      remote.prepare(Workload.parse("linear 3x5x7"), LIMIT);
      assertEquals(21, remote.result(scratch, LIMIT).length);
    }
  }

  /** A contender whose operator is slightly another one gets no time. */
  @Test
  void aDifferentResultIsNotTimed(@TempDir Path scratch) throws Exception {
    List<String> said = new ArrayList<>();
    try (Remote right = start("f2d4j", scratch);
        Remote wrong = start("wrong", scratch)) {
      Comparison comparison =
          new Comparison(
              List.of(right, wrong),
              new Comparison.Settings(
                  1, 1, Duration.ofMillis(1), Duration.ofMillis(1), LIMIT, LIMIT, 2, scratch),
              said::add);
      Row row = comparison.measure(Workload.parse("linear 8x8x8")).getFirst();
      Outcome outcome = row.outcomes().getLast();
      assertTrue(!outcome.isTimed() && outcome.error() > 1e-5, outcome.toString());
      assertTrue(String.valueOf(outcome.refusal()).contains("not timed"), outcome.toString());
      assertTrue(said.getFirst().contains("wrong result"), said.toString());
    }
  }

  /** Adds a hundredth of a percent. */
  public static final class Wrong implements Contender {
    private final F2dContender right = new F2dContender();

    /** For the service loader. */
    public Wrong() {}

    @Override
    public String name() {
      return "wrong";
    }

    @Override
    public Precision precision() {
      return Precision.FLOAT32;
    }

    @Override
    public String describe() {
      return "wrong";
    }

    @Override
    public Prepared prepare(Workload workload, Networks networks) throws java.io.IOException {
      Prepared p = right.prepare(workload, networks);
      return new Prepared() {
        @Override
        public void run() {
          p.run();
        }

        @Override
        public float[] result() {
          float[] result = p.result();
          for (int i = 0; i < result.length; i++) {
            result[i] *= 1.0001f;
          }
          return result;
        }
      };
    }
  }
}
