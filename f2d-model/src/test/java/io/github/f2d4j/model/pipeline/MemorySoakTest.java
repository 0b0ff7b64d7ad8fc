package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.cpu.ForkedJvm;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Generating does not leak: a few small pictures in every build, 500 whole ones with -Psoak. */
class MemorySoakTest {
  private static final boolean SOAK = Boolean.getBoolean("f2d4j.soak");
  private static final double MOST_PERCENT = 5;

  @Test
  void residentMemoryIsFlat() throws Exception {
    assumeTrue(MemorySoak.isPossible(), "this system has no /proc");
    String[] load =
        SOAK ? new String[] {"50", "500", "64", "2"} : new String[] {"30", "40", "16", "2"};
    List<String> command =
        ForkedJvm.command(
            MemorySoak.class,
            List.of("--add-modules", "jdk.incubator.vector"),
            List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch"),
            load);
    String said = ForkedJvm.run(Duration.ofHours(1), command);
    System.out.println(said);
    String answer =
        said.lines().filter(line -> line.startsWith(MemorySoak.MARK)).findFirst().orElseThrow();
    double deviation = Double.parseDouble(answer.replaceAll("[^0-9.]", ""));
    assertTrue(deviation <= MOST_PERCENT, said);
  }
}
