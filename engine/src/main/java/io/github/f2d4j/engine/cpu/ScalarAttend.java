package io.github.f2d4j.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@link AttendLoops} as plain loops. */
final class ScalarAttend implements AttendLoops {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private static float dot(
      MemorySegment a, long ao, long lda, MemorySegment b, long bo, long ldb, int k) {
    float sum = 0;
    for (int i = 0; i < k; i++) {
      sum = Math.fma(a.get(FLOAT, ao + i * lda), b.get(FLOAT, bo + i * ldb), sum);
    }
    return sum;
  }

  @Override
  public void product(
      MemorySegment a,
      long ao,
      long lda,
      MemorySegment b,
      long bo,
      long ldb,
      int k,
      MemorySegment c,
      long co,
      long ldc,
      int columns) {
    for (int r = 0; r < ROWS; r++) {
      for (int j = 0; j < columns; j++) {
        float sum = dot(a, ao + 4L * r, lda, b, bo + 4L * j, ldb, k);
        c.set(FLOAT, co + r * ldc + 4L * j, sum);
      }
    }
  }

  @Override
  public void accumulate(MemorySegment s, long xo, long yo, int n, float factor) {
    for (int j = 0; j < n; j++) {
      float y = Math.fma(s.get(FLOAT, yo + 4L * j), factor, s.get(FLOAT, xo + 4L * j));
      s.set(FLOAT, yo + 4L * j, y);
    }
  }

  @Override
  public void softmax(
      MemorySegment s, long so, long lds, int keys, int queries, long state, long ldState) {
    for (int j = 0; j < queries; j++) {
      long column = so + 4L * j;
      long at = state + 4L * j;
      float old = s.get(FLOAT, at);
      float max = old;
      for (int i = 0; i < keys; i++) {
        float v = s.get(FLOAT, column + i * lds);
        max = v > max ? v : max;
      }
      float sum = 0;
      for (int i = 0; i < keys; i++) {
        float p = FloatMath.exp2NonPositive(s.get(FLOAT, column + i * lds) - max);
        s.set(FLOAT, column + i * lds, p);
        sum += p;
      }
      float factor = FloatMath.exp2NonPositive(old - max);
      s.set(FLOAT, at, max);
      s.set(FLOAT, at + ldState, Math.fma(s.get(FLOAT, at + ldState), factor, sum));
      s.set(FLOAT, at + 2 * ldState, factor);
    }
  }
}
