package io.github.f2d4j.benchmarks.compare;

import java.util.List;
import java.util.Optional;

/**
 * One workload's outcomes.
 *
 * @param workload its name
 * @param family its kind
 * @param gflop its work by the direct form, in billions of additions and multiplications
 * @param bytes the least traffic
 * @param outcomes of every contender, the first being the one the others are compared with
 * @param peak GFLOP/s of the register loop in each round
 * @param bandwidth bytes a second of the copy in each round
 */
public record Row(
    String workload,
    Workload.Family family,
    double gflop,
    double bytes,
    List<Outcome> outcomes,
    List<Double> peak,
    List<Double> bandwidth) {

  /** Copies the lists. */
  public Row {
    outcomes = List.copyOf(outcomes);
    peak = List.copyOf(peak);
    bandwidth = List.copyOf(bandwidth);
  }

  /** A contender's outcome, if it has times. */
  Optional<Outcome> timed(String contender) {
    return outcomes.stream()
        .filter(o -> o.contender().equals(contender) && o.isTimed())
        .findFirst();
  }

  /** {@code contender}'s time over {@code other}'s, round by round; empty if either has none. */
  List<Double> ratios(String contender, String other) {
    Optional<Outcome> a = timed(contender);
    Optional<Outcome> b = timed(other);
    return a.isEmpty() || b.isEmpty()
        ? List.of()
        : Quantiles.paired(a.get().seconds(), b.get().seconds());
  }

  /** The share of the arithmetic peak in each round. */
  List<Double> shares(String contender) {
    return timed(contender)
        .map(o -> Quantiles.paired(o.seconds().stream().map(s -> gflop / s).toList(), peak))
        .orElse(List.of());
  }
}
