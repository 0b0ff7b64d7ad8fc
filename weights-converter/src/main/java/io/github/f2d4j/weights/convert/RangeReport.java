package io.github.f2d4j.weights.convert;

import io.github.f2d4j.engine.types.DType;
import java.util.Comparator;
import java.util.List;

/**
 * What became of one tensor's values. Rounding is no finding; these are the ones that a narrower
 * type cannot hold at all, or only with fewer digits than its own.
 *
 * @param key the tensor
 * @param from its type before
 * @param to its type after
 * @param elements how many values it has
 * @param notFinite values that were NaN or infinite before
 * @param overflowed finite values that became infinite
 * @param vanished values other than 0 that became 0
 * @param subnormal inexact values below the type's smallest normal number
 * @param largest the largest finite magnitude before
 */
public record RangeReport(
    String key,
    DType from,
    DType to,
    long elements,
    long notFinite,
    long overflowed,
    long vanished,
    long subnormal,
    double largest) {

  /** Whether the tensor can still be used. */
  public boolean isUsable() {
    return notFinite == 0 && overflowed == 0;
  }

  /** Whether small values were lost or lost digits. */
  public boolean lostSmallValues() {
    return vanished > 0 || subnormal > 0;
  }

  /**
   * The sum over tensors.
   *
   * @param tensors how many
   * @param elements their values
   * @param vanished see {@link RangeReport}
   * @param subnormal see {@link RangeReport}
   * @param worst tensors that lost the largest share of their values, worst first
   */
  public record Summary(
      long tensors, long elements, long vanished, long subnormal, List<RangeReport> worst) {
    private static final int SHOWN = 5;

    /** Adds the reports up. */
    public static Summary of(List<RangeReport> reports) {
      List<RangeReport> lossy =
          reports.stream()
              .filter(RangeReport::lostSmallValues)
              .sorted(
                  Comparator.comparingDouble(
                          (RangeReport r) -> -(double) (r.vanished + r.subnormal) / r.elements)
                      .thenComparing(RangeReport::key))
              .limit(SHOWN)
              .toList();
      return new Summary(
          reports.size(),
          reports.stream().mapToLong(RangeReport::elements).sum(),
          reports.stream().mapToLong(RangeReport::vanished).sum(),
          reports.stream().mapToLong(RangeReport::subnormal).sum(),
          lossy);
    }
  }
}
