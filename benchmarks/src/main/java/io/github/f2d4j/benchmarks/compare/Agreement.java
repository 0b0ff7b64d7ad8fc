package io.github.f2d4j.benchmarks.compare;

/** How far two results are apart. */
final class Agreement {
  private Agreement() {}

  /**
   * ‖a−b‖/‖b‖ in double precision; infinite if they differ in length or where one is not finite.
   */
  static double error(float[] a, float[] b) {
    if (a.length != b.length) {
      return Double.POSITIVE_INFINITY;
    }
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      double d = (double) a[i] - b[i];
      difference += d * d;
      norm += (double) b[i] * b[i];
    }
    double error = difference == 0 ? 0 : Math.sqrt(difference / norm);
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }
}
