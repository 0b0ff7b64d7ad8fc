package io.github.f2d4j.engine.cpu.amx;

/**
 * The slow twin of {@link BfloatTile}: an element of a product from the definition of {@code
 * TDPBF16PS} (Intel's Software Developer's Manual, volume 2), without its flushing of denormal
 * numbers, and of rounding.
 */
final class BfloatTwin {
  private static final int STEP = 32;

  private BfloatTwin() {}

  /** {@code start} + Σ a·b. */
  static float sum(float[] a, float[] b, float start) {
    float sum = start;
    for (int k = 0; k < a.length; k += STEP) {
      sum = dot(rounded(a, k), rounded(b, k), sum);
    }
    return sum;
  }

  /** Two chains, of the low and of the high halves, are added to each other and then to the sum. */
  private static float dot(float[] x, float[] y, float sum) {
    float low = 0f;
    float high = 0f;
    for (int k = 0; k < STEP / 2; k++) {
      low = Math.fma(x[k], y[k], low);
      high = Math.fma(x[k + STEP / 2], y[k + STEP / 2], high);
    }
    return sum + (low + high);
  }

  private static float[] rounded(float[] x, int from) {
    float[] rounded = new float[STEP];
    for (int i = 0; i < Math.min(STEP, x.length - from); i++) {
      rounded[i] = nearest(x[from + i]);
    }
    return rounded;
  }

  /** The nearest number of eight bits; of two, the one further from 0. */
  static float nearest(float x) {
    if (x == 0f) {
      return x;
    }
    double unit = Math.scalb(1.0, Math.getExponent(x) - 7);
    return (float) (Math.copySign(Math.floor(Math.abs(x) / unit + 0.5), x) * unit);
  }
}
