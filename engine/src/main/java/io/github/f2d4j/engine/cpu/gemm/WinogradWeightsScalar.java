package io.github.f2d4j.engine.cpu.gemm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@link WinogradWeights} without vectors. */
final class WinogradWeightsScalar implements WinogradWeights {
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
  public void one(float[] t, int from, float w, float[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = w * t[from + i];
    }
  }

  @Override
  public void three(float[][] t, int from, float w0, float w1, float w2, float[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = Math.fma(w2, t[2][from + i], Math.fma(w1, t[1][from + i], w0 * t[0][from + i]));
    }
  }
}
