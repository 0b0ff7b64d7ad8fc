package io.github.f2d4j.model.face;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.model.image.RgbImage;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PerspectiveWarpTest {
  private static RgbImage noise(int width, int height, long seed) {
    byte[] rgb = new byte[width * height * 3];
    new Random(seed).nextBytes(rgb);
    return RgbImage.of(width, height, rgb);
  }

  @Test
  void identityKeepsEveryPixel() {
    RgbImage image = noise(130, 40, 1);
    double[] identity = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    assertEquals(image, PerspectiveWarp.warp(image, identity, 130, 40));
  }

  @Test
  void shiftsBringInBlack() {
    RgbImage image = noise(5, 4, 2);
    RgbImage moved = PerspectiveWarp.warp(image, new double[] {1, 0, 2, 0, 1, 1, 0, 0, 1}, 5, 4);
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 5; x++) {
        for (int c = 0; c < 3; c++) {
          int expected = x >= 2 && y >= 1 ? image.get(x - 2, y - 1, c) : 0;
          assertEquals(expected, moved.get(x, y, c));
        }
      }
    }
  }

  /** The fixed-point result against bilinear interpolation in double precision. */
  @Test
  void staysCloseToExactInterpolation() {
    RgbImage image = noise(50, 60, 3);
    double[] m = new SimilarityTransform(0.9, 0.4, -3.7, 5.1).matrix();
    double[] inverse = PerspectiveWarp.invert(m);
    RgbImage warped = PerspectiveWarp.warp(image, m, 64, 48);
    double worst = 0;
    for (int y = 0; y < 48; y++) {
      for (int x = 0; x < 64; x++) {
        double sx = inverse[0] * x + inverse[1] * y + inverse[2];
        double sy = inverse[3] * x + inverse[4] * y + inverse[5];
        for (int c = 0; c < 3; c++) {
          worst = Math.max(worst, Math.abs(warped.get(x, y, c) - exact(image, sx, sy, c)));
        }
      }
    }
    // coordinates are rounded by at most 1/64 in each axis: 255/64 each, plus rounding
    assertTrue(worst <= 2 * 255 / 64.0 + 0.5, "worst " + worst);
  }

  private static double exact(RgbImage image, double x, double y, int c) {
    int x0 = (int) Math.floor(x);
    int y0 = (int) Math.floor(y);
    double sum = 0;
    for (int dy = 0; dy < 2; dy++) {
      for (int dx = 0; dx < 2; dx++) {
        int px = x0 + dx;
        int py = y0 + dy;
        if (px >= 0 && px < image.width() && py >= 0 && py < image.height()) {
          sum += (1 - Math.abs(x - px)) * (1 - Math.abs(y - py)) * image.get(px, py, c);
        }
      }
    }
    return sum;
  }

  @Test
  void invertsAPerspective() {
    double[] m = {1.2, 0.1, 5, -0.2, 0.9, 3, 1e-3, 2e-3, 1};
    double[] i = PerspectiveWarp.invert(m);
    double[] product = new double[9];
    for (int r = 0; r < 3; r++) {
      for (int c = 0; c < 3; c++) {
        for (int k = 0; k < 3; k++) {
          product[3 * r + c] += m[3 * r + k] * i[3 * k + c];
        }
      }
    }
    assertArrayEquals(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, product, 1e-12);
  }

  @Test
  void refusesMatricesWithoutInverse() {
    RgbImage image = noise(2, 2, 4);
    for (double[] m :
        new double[][] {new double[9], {1, 0, 0, 0, 1, 0, 0, 0, Double.NaN}, {1, 0, 0}}) {
      assertThrows(IllegalArgumentException.class, () -> PerspectiveWarp.warp(image, m, 2, 2));
    }
  }
}
