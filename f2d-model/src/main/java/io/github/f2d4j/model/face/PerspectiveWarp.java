package io.github.f2d4j.model.face;

import io.github.f2d4j.model.image.RgbImage;
import java.util.Arrays;

/**
 * OpenCV's {@code warpPerspective} for 8-bit pictures, bilinear with a black border, equal in every
 * bit: source coordinates are rounded to 1/32 pixel, halves to even, and the four weights are
 * multiples of 1/1024 of an exact integer sum. {@code INTER_AREA}, which Face2Diffusion passes,
 * acts as {@code INTER_LINEAR} there.
 *
 * <p>Source: opencv 4.6.0 {@code modules/imgproc/src/imgwarp.cpp} ({@code warpPerspective}, {@code
 * remapBilinear}) and {@code modules/core/src/lapack.cpp} ({@code invert}).
 */
public final class PerspectiveWarp {
  private static final int FRACTION_BITS = 5;
  private static final int STEPS = 1 << FRACTION_BITS;
  private static final int WEIGHT_SUM = STEPS * STEPS;

  /** Columns that OpenCV computes from one start value. */
  private static final int BLOCK_PIXELS = 32 * 32;

  private static final int BLOCK_ROWS = 16;

  private PerspectiveWarp() {}

  /**
   * Warps a picture.
   *
   * @param m nine values row by row: the map from source to output pixels
   * @throws IllegalArgumentException if {@code m} has not nine finite values or no inverse
   */
  public static RgbImage warp(RgbImage source, double[] m, int width, int height) {
    double[] inverse = invert(m);
    byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
    int blockWidth = Math.min(BLOCK_PIXELS / Math.min(BLOCK_ROWS, height), width);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        // the sums are split as OpenCV splits them: up to the block, then within it
        int block = x / blockWidth * blockWidth;
        int within = x - block;
        double sx = inverse[0] * block + inverse[1] * y + inverse[2] + inverse[0] * within;
        double sy = inverse[3] * block + inverse[4] * y + inverse[5] + inverse[3] * within;
        double w = inverse[6] * block + inverse[7] * y + inverse[8] + inverse[6] * within;
        double scale = w == 0 ? 0 : STEPS / w;
        sample(source, round(sx * scale), round(sy * scale), out, (y * width + x) * 3);
      }
    }
    return RgbImage.of(width, height, out);
  }

  /** Rounds half to even, into the range of an int. */
  private static int round(double value) {
    return (int) Math.rint(Math.clamp(value, Integer.MIN_VALUE, (double) Integer.MAX_VALUE));
  }

  /** One output pixel from source position (x/32, y/32). */
  private static void sample(RgbImage source, int x, int y, byte[] out, int at) {
    // OpenCV keeps whole coordinates in 16 bits, saturated
    int x0 = Math.clamp(x >> FRACTION_BITS, Short.MIN_VALUE, Short.MAX_VALUE);
    int y0 = Math.clamp(y >> FRACTION_BITS, Short.MIN_VALUE, Short.MAX_VALUE);
    int fx = x & (STEPS - 1);
    int fy = y & (STEPS - 1);
    for (int c = 0; c < 3; c++) {
      int sum =
          (STEPS - fy)
                  * ((STEPS - fx) * pixel(source, x0, y0, c) + fx * pixel(source, x0 + 1, y0, c))
              + fy
                  * ((STEPS - fx) * pixel(source, x0, y0 + 1, c)
                      + fx * pixel(source, x0 + 1, y0 + 1, c));
      out[at + c] = (byte) ((sum + WEIGHT_SUM / 2) / WEIGHT_SUM);
    }
  }

  private static int pixel(RgbImage source, int x, int y, int c) {
    boolean inside = x >= 0 && x < source.width() && y >= 0 && y < source.height();
    return inside ? source.get(x, y, c) : 0;
  }

  /** The inverse by cofactors, in OpenCV's order of operations. */
  static double[] invert(double[] m) {
    if (m.length != 9 || !Arrays.stream(m).allMatch(Double::isFinite)) {
      throw new IllegalArgumentException(
          "a warp needs nine finite values but was given " + Arrays.toString(m));
    }
    double det =
        m[0] * (m[4] * m[8] - m[5] * m[7])
            - m[1] * (m[3] * m[8] - m[5] * m[6])
            + m[2] * (m[3] * m[7] - m[4] * m[6]);
    double d = 1 / det;
    if (det == 0 || !Double.isFinite(d)) {
      throw new IllegalArgumentException("the warp has no inverse: " + Arrays.toString(m));
    }
    return new double[] {
      (m[4] * m[8] - m[5] * m[7]) * d,
      (m[2] * m[7] - m[1] * m[8]) * d,
      (m[1] * m[5] - m[2] * m[4]) * d,
      (m[5] * m[6] - m[3] * m[8]) * d,
      (m[0] * m[8] - m[2] * m[6]) * d,
      (m[2] * m[3] - m[0] * m[5]) * d,
      (m[3] * m[7] - m[4] * m[6]) * d,
      (m[1] * m[6] - m[0] * m[7]) * d,
      (m[0] * m[4] - m[1] * m[3]) * d
    };
  }
}
