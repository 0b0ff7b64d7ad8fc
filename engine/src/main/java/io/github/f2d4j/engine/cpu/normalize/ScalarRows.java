package io.github.f2d4j.engine.cpu.normalize;

import io.github.f2d4j.engine.cpu.math.FloatMath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@link RowLoops} as plain loops. */
final class ScalarRows implements RowLoops {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** The tree sum of 16 virtual lanes. */
  static float tree(float[] lanes) {
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }

  @Override
  public float sum(MemorySegment x, long xo, int n, float shift) {
    float[] lanes = new float[LANES];
    int end = n & -LANES;
    for (int i = 0; i < end; i++) {
      lanes[i & LANES - 1] += x.get(FLOAT, xo + 4L * i) - shift;
    }
    return tree(lanes) + sumOfTail(x, xo, end, n, shift);
  }

  static float sumOfTail(MemorySegment x, long xo, int from, int n, float shift) {
    float sum = 0;
    for (int i = from; i < n; i++) {
      sum += x.get(FLOAT, xo + 4L * i) - shift;
    }
    return sum;
  }

  @Override
  public float sumOfSquares(MemorySegment x, long xo, int n, float shift) {
    float[] lanes = new float[LANES];
    int end = n & -LANES;
    for (int i = 0; i < end; i++) {
      float d = x.get(FLOAT, xo + 4L * i) - shift;
      lanes[i & LANES - 1] = Math.fma(d, d, lanes[i & LANES - 1]);
    }
    return tree(lanes) + squaresOfTail(x, xo, end, n, shift);
  }

  static float squaresOfTail(MemorySegment x, long xo, int from, int n, float shift) {
    float sum = 0;
    for (int i = from; i < n; i++) {
      float d = x.get(FLOAT, xo + 4L * i) - shift;
      sum = Math.fma(d, d, sum);
    }
    return sum;
  }

  @Override
  public float max(MemorySegment x, long xo, int n) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, x.get(FLOAT, xo + 4L * i));
    }
    return max;
  }

  @Override
  public float min(MemorySegment x, long xo, int n) {
    float min = Float.POSITIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      min = Math.min(min, x.get(FLOAT, xo + 4L * i));
    }
    return min;
  }

  @Override
  public float exp(MemorySegment x, long xo, MemorySegment y, long yo, int n, float shift) {
    float[] lanes = new float[LANES];
    int end = n & -LANES;
    for (int i = 0; i < end; i++) {
      float e = FloatMath.exp(x.get(FLOAT, xo + 4L * i) - shift);
      y.set(FLOAT, yo + 4L * i, e);
      lanes[i & LANES - 1] += e;
    }
    return tree(lanes) + expOfTail(x, xo, y, yo, end, n, shift);
  }

  static float expOfTail(
      MemorySegment x, long xo, MemorySegment y, long yo, int from, int n, float shift) {
    float sum = 0;
    for (int i = from; i < n; i++) {
      float e = FloatMath.exp(x.get(FLOAT, xo + 4L * i) - shift);
      y.set(FLOAT, yo + 4L * i, e);
      sum += e;
    }
    return sum;
  }

  @Override
  public void addRows(
      MemorySegment x, long xo, long stride, int rows, MemorySegment acc, long ao, int n) {
    addRowsFrom(0, x, xo, stride, rows, acc, ao, n);
  }

  static void addRowsFrom(
      int from,
      MemorySegment x,
      long xo,
      long stride,
      int rows,
      MemorySegment acc,
      long ao,
      int n) {
    for (int i = from; i < n; i++) {
      float a = acc.get(FLOAT, ao + 4L * i);
      int r = 0;
      for (; r + 4 <= rows; r += 4) {
        long at = xo + r * stride + 4L * i;
        float low = x.get(FLOAT, at) + x.get(FLOAT, at + stride);
        float high = x.get(FLOAT, at + 2 * stride) + x.get(FLOAT, at + 3 * stride);
        a += low + high;
      }
      for (; r < rows; r++) {
        a += x.get(FLOAT, xo + r * stride + 4L * i);
      }
      acc.set(FLOAT, ao + 4L * i, a);
    }
  }
}
