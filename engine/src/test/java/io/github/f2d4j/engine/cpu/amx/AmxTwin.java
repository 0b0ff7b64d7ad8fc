package io.github.f2d4j.engine.cpu.amx;

import java.util.ArrayList;
import java.util.List;

/**
 * The slow twin of the matrix unit: an element of a product from the definition of {@code
 * TDPBF16PS} (Intel's Software Developer's Manual, volume 2), without its flushing of denormal
 * numbers, and of the splitting of numbers: each part is the bfloat16 number nearest to what is
 * left.
 */
public final class AmxTwin {
  private static final int STEP = 32;

  private AmxTwin() {}

  /** Parts of a and of b in the order in which their products are added. */
  private static int[][] pairs(Precision precision) {
    return switch (precision) {
      case HIGHEST -> new int[][] {{2, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}, {0, 2}};
      case HIGH -> new int[][] {{1, 0}, {0, 0}, {0, 1}};
      case MEDIUM -> new int[][] {{0, 0}};
    };
  }

  /** Σ a·b, in float32. */
  public static float sum(float[] a, float[] b) {
    return sum(Precision.HIGHEST, a, b, 0f);
  }

  /** {@code start} + Σ a·b. */
  static float sum(Precision precision, float[] a, float[] b, float start) {
    float sum = start;
    for (int k = 0; k < a.length; k += STEP) {
      List<float[]> x = parts(a, k);
      List<float[]> y = parts(b, k);
      for (int[] pair : pairs(precision)) {
        sum = dot(x.get(pair[0]), y.get(pair[1]), sum);
      }
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

  /** Three parts of the numbers from {@code from} on, each of STEP numbers. */
  private static List<float[]> parts(float[] x, int from) {
    List<float[]> parts = new ArrayList<>();
    for (int p = 0; p < 3; p++) {
      parts.add(new float[STEP]);
    }
    for (int i = 0; i < Math.min(STEP, x.length - from); i++) {
      float left = x[from + i];
      for (int p = 0; p < 3; p++) {
        float part = nearest(left);
        parts.get(p)[i] = part;
        left -= part;
      }
    }
    return parts;
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
