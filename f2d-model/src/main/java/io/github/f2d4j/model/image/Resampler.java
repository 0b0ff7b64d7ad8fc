package io.github.f2d4j.model.image;

/**
 * Resizes pictures smoothly: separable Catmull-Rom interpolation (Keys, 1981, a = −0.5), widened
 * when shrinking so that no detail aliases. The positions are those of Pillow's {@code BICUBIC}.
 */
public final class Resampler {
  private static final double SUPPORT = 2;

  private Resampler() {}

  /**
   * Resizes to exactly this size.
   *
   * @throws IllegalArgumentException if a side is below 1
   */
  public static RgbImage resize(RgbImage image, int width, int height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "a picture cannot have " + width + " x " + height + " pixels");
    }
    if (width == image.width() && height == image.height()) {
      return image;
    }
    byte[] rgb = image.bytes();
    float[] in = new float[rgb.length];
    for (int i = 0; i < in.length; i++) {
      in[i] = rgb[i] & 0xff;
    }
    int w = image.width();
    int h = image.height();
    // [h, w, 3] → [h, width, 3] → [height, width, 3]
    float[] wide = along(in, h, w, 3, width);
    float[] out = along(wide, 1, h, width * 3, height);
    byte[] bytes = new byte[out.length];
    for (int i = 0; i < out.length; i++) {
      bytes[i] = (byte) Math.clamp(Math.round(out[i]), 0, 255);
    }
    return RgbImage.wrap(width, height, bytes);
  }

  /** Resizes to the largest size with the same proportions that fits into a square. */
  public static RgbImage fit(RgbImage image, int side) {
    double scale = (double) side / Math.max(image.width(), image.height());
    return resize(
        image,
        Math.max(1, (int) Math.round(image.width() * scale)),
        Math.max(1, (int) Math.round(image.height() * scale)));
  }

  /** [outer, n, inner] → [outer, m, inner]. */
  private static float[] along(float[] in, int outer, int n, int inner, int m) {
    float[] out = new float[Math.multiplyExact(Math.multiplyExact(outer, m), inner)];
    double ratio = (double) n / m;
    double widen = Math.max(1, ratio);
    for (int j = 0; j < m; j++) {
      double centre = (j + 0.5) * ratio;
      int from = Math.max(0, (int) Math.floor(centre - SUPPORT * widen));
      int to = Math.min(n, (int) Math.ceil(centre + SUPPORT * widen));
      double[] weights = new double[to - from];
      double sum = 0;
      for (int k = from; k < to; k++) {
        weights[k - from] = kernel((k + 0.5 - centre) / widen);
        sum += weights[k - from];
      }
      for (int o = 0; o < outer; o++) {
        for (int i = 0; i < inner; i++) {
          double value = 0;
          for (int k = from; k < to; k++) {
            value += weights[k - from] * in[(o * n + k) * inner + i];
          }
          out[(o * m + j) * inner + i] = (float) (value / sum);
        }
      }
    }
    return out;
  }

  private static double kernel(double distance) {
    double x = Math.abs(distance);
    if (x < 1) {
      return (1.5 * x - 2.5) * x * x + 1;
    }
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
  }
}
