package io.github.f2d4j.model.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResamplerTest {
  private static RgbImage noise(int width, int height) {
    byte[] rgb = new byte[width * height * 3];
    new Random(width * 31L + height).nextBytes(rgb);
    return RgbImage.of(width, height, rgb);
  }

  /** Against the two-dimensional sum of the definition. */
  @ParameterizedTest
  @CsvSource({"5,7,12,9", "12,9,5,7", "1,1,4,4", "8,8,3,20", "16,16,16,5", "3,5,1,1"})
  void equalsTheDefinition(int w, int h, int width, int height) {
    RgbImage image = noise(w, h);
    RgbImage resized = Resampler.resize(image, width, height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          double expected = Math.clamp(direct(image, x, y, c, width, height), 0, 255);
          assertEquals(expected, resized.get(x, y, c), 0.501);
        }
      }
    }
  }

  private static double direct(RgbImage image, int x, int y, int c, int width, int height) {
    double rx = (double) image.width() / width;
    double ry = (double) image.height() / height;
    double sum = 0;
    double weights = 0;
    for (int v = 0; v < image.height(); v++) {
      for (int u = 0; u < image.width(); u++) {
        double weight =
            catmullRom((u + 0.5 - (x + 0.5) * rx) / Math.max(1, rx))
                * catmullRom((v + 0.5 - (y + 0.5) * ry) / Math.max(1, ry));
        sum += weight * image.get(u, v, c);
        weights += weight;
      }
    }
    return sum / weights;
  }

  /** The Catmull-Rom spline from its Hermite form: values 1, 0, 0 and slopes 0, -1/2, 0. */
  private static double catmullRom(double x) {
    double t = Math.abs(x);
    if (t >= 2) {
      return 0;
    }
    double s = t - 1;
    return t < 1
        ? (2 * t * t * t - 3 * t * t + 1) - 0.5 * (t * t * t - t * t)
        : -0.5 * (s * s * s - 2 * s * s + s);
  }

  @Test
  void keepsSizeFlatPartsAndProportions() {
    RgbImage image = noise(6, 4);
    assertSame(image, Resampler.resize(image, 6, 4));
    byte[] flat = new byte[6 * 4 * 3];
    java.util.Arrays.fill(flat, (byte) 200);
    RgbImage large = Resampler.resize(RgbImage.of(6, 4, flat), 50, 31);
    for (byte b : large.rgb()) {
      assertEquals((byte) 200, b);
    }
    RgbImage fitted = Resampler.fit(image, 60);
    assertEquals(60, fitted.width());
    assertEquals(40, fitted.height());
    assertEquals(1, Resampler.fit(noise(400, 1), 10).height());
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Resampler.resize(image, 0, 5));
    assertTrue(e.getMessage().contains("0 x 5"), e.getMessage());
  }
}
