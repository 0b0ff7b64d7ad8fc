package io.github.f2d4j.engine.cpu.gemm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@link TapSum} without vectors. */
final class TapSumScalar implements TapSum {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  @Override
  public void one(MemorySegment from, long at, float w, float[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = w * from.get(FLOAT, at + 4L * i);
    }
  }

  @Override
  public void three(
      MemorySegment from, long at, long step, float w0, float w1, float w2, float[] to, int count) {
    for (int i = 0; i < count; i++) {
      long o = at + 4L * i;
      float sum = w0 * from.get(FLOAT, o);
      sum = Math.fma(w1, from.get(FLOAT, o + step), sum);
      to[i] = Math.fma(w2, from.get(FLOAT, o + 2 * step), sum);
    }
  }

  @Override
  public void nine(MemorySegment from, long at, long step, float[] w, float[] to, int count) {
    for (int i = 0; i < count; i++) {
      long o = at + 4L * i;
      float sum = w[0] * from.get(FLOAT, o);
      for (int t = 1; t < 9; t++) {
        sum = Math.fma(w[t], from.get(FLOAT, o + t * step), sum);
      }
      to[i] = sum;
    }
  }
}
