package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.math.FloatMath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@link AttendLoops} as plain loops. */
final class ScalarAttend implements AttendLoops {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  @Override
  public void product(
      MemorySegment s, long a, long b, long panel, int k, long c, long ldc, int columns) {
    for (int r = 0; r < ROWS; r++) {
      for (int j = 0; j < columns; j++) {
        long at = a + 4L * r;
        long bt = b + j / COLUMNS * panel + 4L * (j % COLUMNS);
        float sum = 0;
        for (int i = 0; i < k; i++) {
          sum = Math.fma(s.get(FLOAT, at + i * TILE_ROW), s.get(FLOAT, bt + i * COLUMNS_ROW), sum);
        }
        s.set(FLOAT, c + r * ldc + 4L * j, sum);
      }
    }
  }

  @Override
  public void accumulate(MemorySegment s, long x, long y, long ld, int rows, int n, long factors) {
    for (int r = 0; r < rows; r++) {
      float factor = s.get(FLOAT, factors + 4L * r);
      for (int j = 0; j < n; j++) {
        long at = r * ld + 4L * j;
        s.set(FLOAT, y + at, Math.fma(s.get(FLOAT, y + at), factor, s.get(FLOAT, x + at)));
      }
    }
  }

  @Override
  public void softmax(MemorySegment s, long scores, int keys, int queries, long state) {
    for (int j = 0; j < queries; j++) {
      long column = scores + 4L * j;
      long at = state + 4L * j;
      float old = s.get(FLOAT, at);
      float max = old;
      for (int i = 0; i < keys; i++) {
        float v = s.get(FLOAT, column + i * TILE_ROW);
        max = v > max ? v : max;
      }
      float sum = 0;
      for (int i = 0; i < keys; i++) {
        float p = FloatMath.exp2NonPositive(s.get(FLOAT, column + i * TILE_ROW) - max);
        s.set(FLOAT, column + i * TILE_ROW, p);
        sum += p;
      }
      float factor = FloatMath.exp2NonPositive(old - max);
      s.set(FLOAT, at, max);
      s.set(FLOAT, at + TILE_ROW, Math.fma(s.get(FLOAT, at + TILE_ROW), factor, sum));
      s.set(FLOAT, at + 2 * TILE_ROW, factor);
    }
  }
}
