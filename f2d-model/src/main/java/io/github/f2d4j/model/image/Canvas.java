package io.github.f2d4j.model.image;

import java.util.Arrays;

/** A picture under construction. */
final class Canvas {
  private final int width;
  private final int height;
  private final byte[] rgb;

  /** A canvas of one colour, 0xRRGGBB. */
  Canvas(int width, int height, int color) {
    this.width = width;
    this.height = height;
    this.rgb = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (color >> (16 - 8 * (i % 3)));
    }
  }

  /** Fills a rectangle, which must lie inside. */
  void fill(int x, int y, int w, int h, int color) {
    for (int row = y; row < y + h; row++) {
      for (int i = 0; i < 3 * w; i++) {
        rgb[(row * width + x) * 3 + i] = (byte) (color >> (16 - 8 * (i % 3)));
      }
    }
  }

  /** Puts a picture, which must fit. */
  void put(RgbImage image, int x, int y) {
    int stride = image.width() * 3;
    for (int row = 0; row < image.height(); row++) {
      System.arraycopy(image.bytes(), row * stride, rgb, ((y + row) * width + x) * 3, stride);
    }
  }

  /**
   * Draws a line through points with round ends and joints, anti-aliased by the distance of each
   * pixel's centre; parts outside are cut off.
   *
   * @param points (x, y) each, in pixels; a single place gives a dot
   */
  void stroke(double[][] points, double thickness, int color) {
    double radius = thickness / 2;
    double reach = radius + 1;
    int left = (int) Math.max(0, min(points, 0) - reach);
    int right = (int) Math.min(width - 1, max(points, 0) + reach);
    int top = (int) Math.max(0, min(points, 1) - reach);
    int bottom = (int) Math.min(height - 1, max(points, 1) + reach);
    for (int y = top; y <= bottom; y++) {
      for (int x = left; x <= right; x++) {
        double distance = distance(points, x + 0.5, y + 0.5);
        double cover = Math.clamp(radius + 0.5 - distance, 0, 1);
        blend((y * width + x) * 3, cover, color);
      }
    }
  }

  private void blend(int at, double cover, int color) {
    if (cover == 0) {
      return;
    }
    for (int c = 0; c < 3; c++) {
      int ink = color >> (16 - 8 * c) & 0xff;
      int paper = rgb[at + c] & 0xff;
      rgb[at + c] = (byte) Math.round(paper + (ink - paper) * cover);
    }
  }

  private static double min(double[][] points, int axis) {
    return Arrays.stream(points).mapToDouble(p -> p[axis]).min().orElse(0);
  }

  private static double max(double[][] points, int axis) {
    return Arrays.stream(points).mapToDouble(p -> p[axis]).max().orElse(0);
  }

  private static double distance(double[][] points, double x, double y) {
    double least = Double.MAX_VALUE;
    for (int i = 0; i + 1 < points.length; i++) {
      double dx = points[i + 1][0] - points[i][0];
      double dy = points[i + 1][1] - points[i][1];
      double length = dx * dx + dy * dy;
      double along = (x - points[i][0]) * dx + (y - points[i][1]) * dy;
      double t = length == 0 ? 0 : Math.clamp(along / length, 0, 1);
      double ex = x - points[i][0] - t * dx;
      double ey = y - points[i][1] - t * dy;
      least = Math.min(least, ex * ex + ey * ey);
    }
    return Math.sqrt(least);
  }

  /** The finished picture. */
  RgbImage toImage() {
    return RgbImage.of(width, height, rgb);
  }
}
