package io.github.f2d4j.kernels.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.opentest4j.AssertionFailedError;

/** Test data, and its comparison. */
final class Numbers {
  private Numbers() {}

  /** Normal numbers with a mean, so that no sum vanishes by symmetry. */
  static float[] normal(int count, long seed, double mean, double deviation) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return values;
  }

  /** Half the distance between 1 and the next number: the rounding error of one store. */
  static double rounding(ElementType type) {
    return switch (type) {
      case F32 -> 0x1p-24;
      case F16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
    };
  }

  /**
   * Compares every element.
   *
   * @param roundings how many roundings of the type, relative to 1 + |expected|, are allowed
   */
  static void compare(
      ElementType type, double roundings, float[] actual, int count, IntToDoubleFunction expected) {
    assertEquals(count, actual.length, "elements");
    double allowed = roundings * rounding(type);
    for (int i = 0; i < count; i++) {
      double want = expected.applyAsDouble(i);
      if (!Double.isFinite(want)) {
        assertEquals((float) want, actual[i], "element " + i);
        continue;
      }
      double error = Math.abs(actual[i] - want) / (1 + Math.abs(want));
      if (!(error <= allowed)) {
        throw new AssertionFailedError(
            "element %d: relative error %.3g is more than the %.3g allowed"
                .formatted(i, error, allowed),
            want,
            actual[i]);
      }
    }
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** x·Φ(x), with Φ by Simpson's rule: slow, but obviously right. */
  static double gelu(double x) {
    int steps = 400;
    double width = x / steps;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double t = i * width;
      double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
      sum += weight * Math.exp(-t * t / 2);
    }
    return x * (0.5 + sum * width / 3 / Math.sqrt(2 * Math.PI));
  }
}
