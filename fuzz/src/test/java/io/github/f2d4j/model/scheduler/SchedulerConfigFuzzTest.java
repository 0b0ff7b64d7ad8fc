package io.github.f2d4j.model.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.fuzz.Attempt;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Settings of schedulers. Input: the number of inference steps as one byte, then the JSON text.
 *
 * <p>Settings are refused by {@link IllegalArgumentException} alone, or the schedule holds
 * variances from 0 to 1, and every sampler that takes them begins within the timesteps of the
 * training, at the same ones each time; the settings come out equal when written and read again.
 */
class SchedulerConfigFuzzTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A million training timesteps are allowed: four tables of 4 MB for each sampler. */
  private static final long BOUND = 256L << 20;

  /** Schedules above are left alone: a fuzzer learns nothing from filling large tables. */
  private static final int LONGEST = 2000;

  @FuzzTest
  void settings(byte[] input) throws Exception {
    if (input.length == 0) {
      return;
    }
    int steps = (input[0] & 0xff) % 64;
    String text = new String(input, 1, input.length - 1, StandardCharsets.UTF_8);
    Optional<SchedulerConfig> parsed =
        Attempt.of(
            IllegalArgumentException.class, BOUND, () -> SchedulerConfig.parse("the input", text));
    if (parsed.isEmpty()) {
      return;
    }
    SchedulerConfig config = parsed.get();
    roundTrip(config);
    Attempt.of(IllegalArgumentException.class, BOUND, () -> SchedulerKind.of(config));
    if (isLong(text)) {
      return;
    }
    for (SchedulerConfig c : new SchedulerConfig[] {config, config.forLatents()}) {
      for (SchedulerKind kind : SchedulerKind.values()) {
        Optional<Scheduler> scheduler =
            Attempt.of(IllegalArgumentException.class, BOUND, () -> kind.create(c, 0.5));
        if (scheduler.isPresent()) {
          requireUsable(scheduler.get(), steps);
        }
      }
    }
  }

  private static boolean isLong(String text) throws Exception {
    JsonNode n = JSON.readTree(text).path("num_train_timesteps");
    return n.isNumber() && n.doubleValue() > LONGEST;
  }

  private static void roundTrip(SchedulerConfig config) {
    SchedulerConfig again = SchedulerConfig.parse("the copy", config.toString());
    assertEquals(config.toString(), again.toString());
  }

  private static void requireUsable(Scheduler scheduler, int steps) throws Exception {
    NoiseSchedule schedule = scheduler.noiseSchedule();
    for (float alpha : schedule.alphasCumprod()) {
      assertTrue(alpha >= 0 && alpha <= 1, () -> "product of alphas " + alpha);
    }
    Optional<SchedulerRun> run =
        Attempt.of(IllegalArgumentException.class, BOUND, () -> scheduler.start(steps));
    if (run.isPresent()) {
      double[] timesteps = run.get().timesteps();
      assertTrue(timesteps.length >= 1 && timesteps.length <= 2 * steps + 20);
      for (double t : timesteps) {
        assertTrue(
            t >= 0 && t < schedule.trainTimesteps(),
            () ->
                scheduler.getClass().getSimpleName() + " begins at " + Arrays.toString(timesteps));
      }
      float sigma = run.get().initNoiseSigma();
      assertTrue(sigma >= 0 && Float.isFinite(sigma), () -> "initial sigma " + sigma);
      assertArrayEquals(timesteps, scheduler.start(steps).timesteps());
      assertArrayEquals(run.get().sigmas(), scheduler.start(steps).sigmas());
    }
  }
}
