package io.github.f2d4j.engine.cpu.normalize;

import io.github.f2d4j.engine.cpu.math.FloatMath;

/** {@link NormLoops} as plain loops. */
final class ScalarNorms implements NormLoops {
  private static final int LANES = RowLoops.LANES;

  @Override
  public float sum(float[] x, int at, int n) {
    float[] lanes = new float[LANES];
    int end = n & -LANES;
    for (int i = 0; i < end; i++) {
      lanes[i & LANES - 1] += x[at + i];
    }
    return ScalarRows.tree(lanes) + sumOfTail(x, at + end, at + n);
  }

  static float sumOfTail(float[] x, int from, int end) {
    float sum = 0;
    for (int i = from; i < end; i++) {
      sum += x[i];
    }
    return sum;
  }

  @Override
  public void moments(float[] x, int at, int n, float shift, float[] sums) {
    float[] lanes = new float[LANES];
    float[] squares = new float[LANES];
    int end = n & -LANES;
    for (int i = 0; i < end; i++) {
      float d = x[at + i] - shift;
      int lane = i & LANES - 1;
      lanes[lane] += d;
      squares[lane] = Math.fma(d, d, squares[lane]);
    }
    addMomentsOfTail(
        x, at + end, at + n, shift, ScalarRows.tree(lanes), ScalarRows.tree(squares), sums);
  }

  /** The moments of whole blocks, plus those of the rest of the row. */
  static void addMomentsOfTail(
      float[] x, int from, int end, float shift, float sum, float squares, float[] sums) {
    float s = 0;
    float q = 0;
    for (int i = from; i < end; i++) {
      float d = x[i] - shift;
      s += d;
      q = Math.fma(d, d, q);
    }
    sums[0] = sum + s;
    sums[1] = squares + q;
  }

  @Override
  public void normalize(
      float[] x, int at, float[] wb, int n, float mean, float scale, float shift) {
    normalizeFrom(0, x, at, wb, n, mean, scale, shift);
  }

  static void normalizeFrom(
      int from, float[] x, int at, float[] wb, int n, float mean, float scale, float shift) {
    for (int i = from; i < n; i++) {
      x[at + i] = Math.fma(Math.fma(x[at + i] - mean, scale, shift), wb[i], wb[n + i]);
    }
  }

  @Override
  public void affineColumns(float[] x, int at, float[] c, int n, boolean silu) {
    affineColumnsFrom(0, x, at, c, n, silu);
  }

  static void affineColumnsFrom(int from, float[] x, int at, float[] c, int n, boolean silu) {
    for (int i = from; i < n; i++) {
      float z = Math.fma(x[at + i] - c[i], c[n + i], c[2 * n + i]);
      x[at + i] = silu ? FloatMath.silu(z) : z;
    }
  }

  @Override
  public void addMoments(float[] x, int rows, int n, float[] shift, float[] acc) {
    addMomentsFrom(0, x, rows, n, shift, acc);
  }

  static void addMomentsFrom(int from, float[] x, int rows, int n, float[] shift, float[] acc) {
    for (int i = from; i < n; i++) {
      float k = shift[i];
      float sum = acc[i];
      float squares = acc[n + i];
      int r = 0;
      for (; r + 4 <= rows; r += 4) {
        int at = r * n + i;
        float d0 = x[at] - k;
        float d1 = x[at + n] - k;
        float d2 = x[at + 2 * n] - k;
        float d3 = x[at + 3 * n] - k;
        sum += (d0 + d1) + (d2 + d3);
        squares += Math.fma(d0, d0, d1 * d1) + Math.fma(d2, d2, d3 * d3);
      }
      for (; r < rows; r++) {
        float d = x[r * n + i] - k;
        sum += d;
        squares = Math.fma(d, d, squares);
      }
      acc[i] = sum;
      acc[n + i] = squares;
    }
  }
}
