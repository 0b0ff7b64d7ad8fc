package io.github.f2d4j.engine.cpu.amx;

/**
 * The slow twin of {@link DigitTile}: an element of a product from the definition of {@link
 * Digits}, in whole numbers, and of the few float32 operations that follow.
 */
public final class DigitTwin {
  /** The largest number of three digits from −128 to 127 that has its opposite. */
  private static final long LARGEST = 0x7F7F7F;

  private static final int BASE = 256;

  /** Most steps of k that share a scale. */
  private static final int LONGEST = 384;

  private static final int STEP = 64;

  private DigitTwin() {}

  /** Σ a·b in float32 precision, of even stretches. */
  public static float sum(float[] a, float[] b) {
    int stretches = Math.max(1, Math.ceilDiv(a.length, LONGEST));
    int stretch = Math.ceilDiv(Math.ceilDiv(a.length, stretches), STEP) * STEP;
    float sum = 0f;
    for (int k = 0; k < a.length; k += stretch) {
      int end = Math.min(a.length, k + stretch);
      sum = sum(4, a, b, k, end, k == 0 ? null : sum);
    }
    return sum;
  }

  /**
   * Σ a·b of one stretch.
   *
   * @param weights of products of digits that count
   * @param start what it is added to; null for nothing
   */
  static float sum(int weights, float[] a, float[] b, int from, int to, Float start) {
    int shiftA = shift(a, from, to);
    int shiftB = shift(b, from, to);
    long[] sums = new long[weights];
    for (int k = from; k < to; k++) {
      int[] x = digits(a[k], shiftA);
      int[] y = digits(b[k], shiftB);
      for (int i = 0; i < x.length; i++) {
        for (int j = 0; j < Math.min(y.length, weights - i); j++) {
          sums[i + j] += (long) x[i] * y[j];
        }
      }
    }
    float all = 0f;
    for (int weight = weights - 1; weight >= 0; weight--) {
      float power = (float) Math.scalb(1.0, 32 - 8 * weight);
      all = Math.fma((float) sums[weight], power, all);
    }
    all *= (float) Math.scalb(1.0, -shiftA);
    float scale = (float) Math.scalb(1.0, -shiftB);
    return start == null ? all * scale : Math.fma(all, scale, start);
  }

  /** The power of two that makes the largest number as large as it may be. */
  static int shift(float[] x, int from, int to) {
    double largest = 0;
    for (int k = from; k < to; k++) {
      largest = Math.max(largest, Math.abs(x[k]));
    }
    int shift = 22 - Math.max(-104, Math.getExponent(largest));
    return Math.rint(largest * Math.scalb(1.0, shift)) > LARGEST ? shift - 1 : shift;
  }

  /** The digits of the nearest whole number, the highest first. */
  static int[] digits(float x, int shift) {
    long n = (long) Math.rint(x * Math.scalb(1.0, shift));
    int[] digits = new int[3];
    for (int i = 2; i >= 0; i--) {
      digits[i] = (int) Math.floorMod(n + BASE / 2, (long) BASE) - BASE / 2;
      n = (n - digits[i]) / BASE;
    }
    if (n != 0) {
      throw new AssertionError(x + " is too large");
    }
    return digits;
  }
}
