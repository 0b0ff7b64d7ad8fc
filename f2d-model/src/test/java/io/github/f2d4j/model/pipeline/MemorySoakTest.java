package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.cpu.ForkedJvm;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Generating does not leak: a few small pictures in every build, 500 whole ones with -Psoak, which
 * also shows that a leak would be seen.
 */
class MemorySoakTest {
  private static final boolean SOAK = Boolean.getBoolean("f2d4j.soak");
  private static final double MOST_PERCENT = 5;
  private static final int LEAK = 1 << 20;

  @BeforeAll
  static void needsProc() {
    assumeTrue(MemorySoak.isPossible(), "this system has no /proc");
  }

  @Test
  void memoryIsFlat() throws Exception {
    String said = SOAK ? soak(50, 500, 0, 0, 0) : soak(30, 40, 16, 2, 0);
    assertTrue(percent(said, MemorySoak.RESIDENT) <= MOST_PERCENT, said);
    assertTrue(percent(said, MemorySoak.LIVING) <= MOST_PERCENT, said);
  }

  @Test
  @EnabledIfSystemProperty(named = "f2d4j.soak", matches = "true")
  void aLeakIsSeen() throws Exception {
    String said = soak(30, 100, 16, 2, LEAK);
    assertTrue(percent(said, MemorySoak.RESIDENT) > MOST_PERCENT, said);
  }

  private static String soak(int warmUp, int watched, int side, int steps, int leak)
      throws Exception {
    List<String> command =
        ForkedJvm.command(
            MemorySoak.class,
            List.of("--add-modules", "jdk.incubator.vector"),
            List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch"),
            IntStream.of(warmUp, watched, side, steps, leak)
                .mapToObj(Integer::toString)
                .toArray(String[]::new));
    // Long: 500 whole generations on a slow or busy machine.
    String said = ForkedJvm.run(Duration.ofHours(4), command);
    System.out.println(said);
    return said;
  }

  private static double percent(String said, String mark) {
    String answer = said.lines().filter(line -> line.startsWith(mark)).findFirst().orElseThrow();
    return Double.parseDouble(answer.substring(mark.length()).replace("%", ""));
  }
}
