package io.github.f2d4j.engine.cpu.gemm;

import static io.github.f2d4j.engine.cpu.math.VectorMath.all;
import static io.github.f2d4j.engine.cpu.math.VectorMath.load;

import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link TapSumScalar} on vectors. Counts are whole panels' rows, so there is no remainder. */
final class TapSumVector implements TapSum {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = F.length();

  @Override
  public void one(MemorySegment from, long at, float w, float[] to, int count) {
    for (int i = 0; i < count; i += LANES) {
      load(from, at + 4L * i).mul(w).intoArray(to, i);
    }
  }

  @Override
  public void three(
      MemorySegment from, long at, long step, float w0, float w1, float w2, float[] to, int count) {
    FloatVector f0 = all(w0);
    FloatVector f1 = all(w1);
    FloatVector f2 = all(w2);
    for (int i = 0; i < count; i += LANES) {
      long o = at + 4L * i;
      FloatVector sum = load(from, o).mul(f0);
      sum = load(from, o + step).fma(f1, sum);
      load(from, o + 2 * step).fma(f2, sum).intoArray(to, i);
    }
  }

  @Override
  public void nine(MemorySegment from, long at, long step, float[] w, float[] to, int count) {
    FloatVector f0 = all(w[0]);
    FloatVector f1 = all(w[1]);
    FloatVector f2 = all(w[2]);
    FloatVector f3 = all(w[3]);
    FloatVector f4 = all(w[4]);
    FloatVector f5 = all(w[5]);
    FloatVector f6 = all(w[6]);
    FloatVector f7 = all(w[7]);
    FloatVector f8 = all(w[8]);
    for (int i = 0; i < count; i += LANES) {
      long o = at + 4L * i;
      FloatVector sum = load(from, o).mul(f0);
      sum = load(from, o + step).fma(f1, sum);
      sum = load(from, o + 2 * step).fma(f2, sum);
      sum = load(from, o + 3 * step).fma(f3, sum);
      sum = load(from, o + 4 * step).fma(f4, sum);
      sum = load(from, o + 5 * step).fma(f5, sum);
      sum = load(from, o + 6 * step).fma(f6, sum);
      sum = load(from, o + 7 * step).fma(f7, sum);
      load(from, o + 8 * step).fma(f8, sum).intoArray(to, i);
    }
  }
}
