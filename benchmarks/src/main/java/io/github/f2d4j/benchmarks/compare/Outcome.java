package io.github.f2d4j.benchmarks.compare;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of one contender at one workload.
 *
 * @param contender its name
 * @param refusal why there are no times, or null
 * @param error relative error ‖a−b‖/‖b‖ against the first contender's result; NaN if unknown
 * @param prepareSeconds time to load, prepack and compile
 * @param firstSeconds time of the first call
 * @param seconds time of a call in each round
 * @param peakBytes most memory resident while it ran; 0 if unknown
 * @param settings what the library chose for this workload, such as the form of its operators
 */
public record Outcome(
    String contender,
    @Nullable String refusal,
    double error,
    double prepareSeconds,
    double firstSeconds,
    List<Double> seconds,
    long peakBytes,
    String settings) {

  /** Copies the list. */
  public Outcome {
    seconds = List.copyOf(seconds);
  }

  static Outcome refused(String contender, String reason, double error) {
    return new Outcome(contender, reason, error, Double.NaN, Double.NaN, List.of(), 0, "");
  }

  /** Whether there are times. */
  boolean isTimed() {
    return refusal == null && !seconds.isEmpty();
  }

  /** The median time of a call. */
  double median() {
    return Quantiles.median(seconds);
  }
}
