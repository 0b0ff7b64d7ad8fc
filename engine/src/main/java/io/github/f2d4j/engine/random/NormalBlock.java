package io.github.f2d4j.engine.random;

/**
 * Box-Muller over a block of 16 uniform floats, with the float32 logarithm, sine and cosine of the
 * Cephes library (Moshier, 1989: {@code logf.c}, {@code sinf.c}) that PyTorch's AVX2 kernel uses.
 * Polynomials are contracted into fused multiply-adds where the compiler of PyTorch's builds does
 * so; this is what makes the results equal in every bit.
 *
 * <p>Source: pytorch {@code aten/src/ATen/native/cpu/DistributionTemplates.h} ({@code
 * normal_fill_16_AVX2}) and {@code avx_mathfun.h}.
 */
final class NormalBlock {
  /** Numbers in a block: element j is paired with element j + 8. */
  static final int SIZE = 16;

  private static final int HALF = SIZE / 2;
  private static final float TWO_PI = (float) (2 * Math.PI);
  private static final float FOUR_OVER_PI = (float) (4 / Math.PI);
  private static final float SQRT_HALF = 0.70710677f;

  // ln 2 in two parts: the first exact in few bits, so that its product with an exponent is exact
  private static final float LN2_HIGH = 0.6933594f;
  private static final float LN2_LOW = -2.1219444e-4f;

  // pi/4 in three parts
  private static final float PI4_1 = 0.78515625f;
  private static final float PI4_2 = 2.4187565e-4f;
  private static final float PI4_3 = 3.774895e-8f;

  private NormalBlock() {}

  /** Turns 16 uniform numbers in [0, 1) from {@code at} on into normal ones. */
  static void transform(float[] data, int at) {
    for (int j = at; j < at + HALF; j++) {
      float u1 = 1f - data[j]; // from [0, 1) to (0, 1]: the logarithm must be finite
      float u2 = data[j + HALF];
      float radius = (float) Math.sqrt(-2f * log(u1));
      float theta = TWO_PI * u2;

      // octant, rounded up to even: the remainder then lies in [-pi/4, pi/4]
      int octant = ((int) (theta * FOUR_OVER_PI) + 1) & ~1;
      float x = Math.fma((float) octant, -PI4_1, theta);
      x = Math.fma((float) octant, -PI4_2, x);
      x = Math.fma((float) octant, -PI4_3, x);
      boolean swapped = (octant & 2) != 0;
      float sine = swapped ? cosine(x) : sine(x);
      float cosine = swapped ? sine(x) : cosine(x);
      if ((octant & 4) != 0) {
        sine = -sine;
      }
      if (((octant - 2) & 4) == 0) {
        cosine = -cosine;
      }
      data[j] = radius * cosine;
      data[j + HALF] = radius * sine;
    }
  }

  /** Natural logarithm of a normal number in (0, 1]. */
  private static float log(float value) {
    int bits = Float.floatToRawIntBits(value);
    float exponent = (bits >>> 23) - 126;
    float x = Float.intBitsToFloat((bits & 0x007fffff) | 0x3f000000); // in [0.5, 1)
    if (x < SQRT_HALF) {
      exponent -= 1f;
      x = (x - 1f) + x;
    } else {
      x -= 1f;
    }
    float z = x * x;
    float y = 0.070376836f;
    y = Math.fma(y, x, -0.1151461f);
    y = Math.fma(y, x, 0.116769984f);
    y = Math.fma(y, x, -0.12420141f);
    y = Math.fma(y, x, 0.14249323f);
    y = Math.fma(y, x, -0.16668057f);
    y = Math.fma(y, x, 0.20000714f);
    y = Math.fma(y, x, -0.24999994f);
    y = Math.fma(y, x, 0.3333333f);
    y = Math.fma(y * x, z, exponent * LN2_LOW);
    y = Math.fma(z, -0.5f, y);
    return Math.fma(exponent, LN2_HIGH, x + y);
  }

  private static float sine(float x) {
    float z = x * x;
    float y = -1.9515296e-4f;
    y = Math.fma(y, z, 0.008332161f);
    y = Math.fma(y, z, -0.16666655f);
    return Math.fma(y * z, x, x);
  }

  private static float cosine(float x) {
    float z = x * x;
    float y = 2.4433157e-5f;
    y = Math.fma(y, z, -0.0013887316f);
    y = Math.fma(y, z, 0.041666646f);
    return Math.fma(y * z, z, -(z * 0.5f)) + 1f;
  }
}
