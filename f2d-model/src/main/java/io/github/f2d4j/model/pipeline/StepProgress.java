package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.model.image.RgbImage;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * How far a generation has come.
 *
 * @param step steps taken, from 1
 * @param total steps in all
 * @param elapsed since the first step began
 * @param remaining estimated until the last step is done, from the mean of those taken
 * @param timestep what the denoiser was told, falling from about 1000 to 0
 * @param previews makes small pictures, one pixel for each latent, of what the result will be;
 *     costs little, and nothing if not asked
 */
public record StepProgress(
    int step,
    int total,
    Duration elapsed,
    Duration remaining,
    double timestep,
    Supplier<List<RgbImage>> previews) {
  static StepProgress of(
      int step, int total, long nanos, double timestep, Supplier<List<RgbImage>> previews) {
    long left = Math.round((double) nanos / step * (total - step));
    return new StepProgress(
        step, total, Duration.ofNanos(nanos), Duration.ofNanos(left), timestep, previews);
  }

  /** The share of steps taken, 0 to 1. */
  public double fraction() {
    return (double) step / total;
  }
}
