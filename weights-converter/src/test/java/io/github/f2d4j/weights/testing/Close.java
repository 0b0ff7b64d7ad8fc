package io.github.f2d4j.weights.testing;

import java.util.Locale;

/**
 * Comparison of computed values with reference values: each passes when {@code |actual - expected|
 * <= atol + rtol * |expected|}. NaN never passes; an infinity only where the same one is expected.
 *
 * <p>The tolerances are those of the CPU in float32. For other backends two system properties widen
 * them: {@value #FACTOR} multiplies both, and {@value #RELATIVE} allows that share of the largest
 * expected value as well.
 */
public final class Close {
  private static final String FACTOR = "f2d4j.test.tolerance";
  private static final String RELATIVE = "f2d4j.test.relative";

  private Close() {}

  /** Compares arrays of floats; a failure names the worst element and the number of failures. */
  public static void assertClose(
      String what, float[] expected, float[] actual, double atol, double rtol) {
    requireLength(what, expected.length, actual.length);
    double factor = property(FACTOR, 1);
    double relative = property(RELATIVE, 0);
    double wider = atol * factor + (relative == 0 ? 0 : relative * finiteMaxAbs(expected));
    report(what, expected.length, i -> expected[i], i -> actual[i], wider, rtol * factor);
  }

  private static double property(String name, double otherwise) {
    String text = System.getProperty(name, "");
    return text.isEmpty() ? otherwise : Double.parseDouble(text);
  }

  private static double finiteMaxAbs(float[] values) {
    double max = 0;
    for (float v : values) {
      max = Float.isFinite(v) ? Math.max(max, Math.abs(v)) : max;
    }
    return max;
  }

  /** Compares arrays of doubles. */
  public static void assertClose(
      String what, double[] expected, double[] actual, double atol, double rtol) {
    requireLength(what, expected.length, actual.length);
    report(what, expected.length, i -> expected[i], i -> actual[i], atol, rtol);
  }

  /**
   * Compares arrays of unsigned bytes.
   *
   * @param atol the largest difference allowed, in levels of 0..255
   */
  public static void assertClose(String what, byte[] expected, byte[] actual, int atol) {
    requireLength(what, expected.length, actual.length);
    report(what, expected.length, i -> expected[i] & 0xff, i -> actual[i] & 0xff, atol, 0);
  }

  /** Largest absolute value: the scale of tolerances that are relative to it. */
  public static double maxAbs(float[] values) {
    double max = 0;
    for (float v : values) {
      max = Math.max(max, Math.abs(v));
    }
    return max;
  }

  private interface Values {
    double at(int i);
  }

  private static void requireLength(String what, int expected, int actual) {
    if (expected != actual) {
      throw new AssertionError(what + ": expected " + expected + " values but got " + actual);
    }
  }

  private static void report(
      String what, int n, Values expected, Values actual, double atol, double rtol) {
    if (!(atol >= 0 && rtol >= 0)) {
      throw new AssertionError(what + ": tolerances " + atol + ", " + rtol + " are not >= 0");
    }
    int failures = 0;
    int worst = -1;
    double worstExcess = 0;
    for (int i = 0; i < n; i++) {
      double e = expected.at(i);
      double a = actual.at(i);
      if (Double.isInfinite(e) && a == e) {
        continue;
      }
      double excess = Math.abs(a - e) - (atol + rtol * Math.abs(e));
      if (excess <= 0) {
        continue;
      }
      failures++; // excess > 0 or NaN
      double rank = Double.isNaN(excess) ? Double.POSITIVE_INFINITY : excess;
      if (worst < 0 || rank > worstExcess) {
        worst = i;
        worstExcess = rank;
      }
    }
    if (failures > 0) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "%s: %d of %d values differ by more than atol %.3g + rtol %.3g; worst at index %d:"
                  + " expected %.9g but got %.9g (difference %.3g)",
              what,
              failures,
              n,
              atol,
              rtol,
              worst,
              expected.at(worst),
              actual.at(worst),
              Math.abs(actual.at(worst) - expected.at(worst))));
    }
  }
}
