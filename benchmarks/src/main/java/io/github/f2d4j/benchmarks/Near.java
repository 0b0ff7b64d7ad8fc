package io.github.f2d4j.benchmarks;

/** Refuses results that rounding does not explain. */
final class Near {
  private Near() {}

  /**
   * Compares an element of order one.
   *
   * @throws IllegalStateException if it is further off than {@code tolerance}·max(1, |expected|)
   */
  static void require(int index, float result, double expected, double tolerance) {
    double allowed = tolerance * Math.max(1, Math.abs(expected));
    if (!(Math.abs(result - expected) <= allowed)) {
      throw new IllegalStateException(
          "wrong result, not timed: element %d is %s, in double precision %s, %.1e allowed"
              .formatted(index, result, expected, allowed));
    }
  }
}
