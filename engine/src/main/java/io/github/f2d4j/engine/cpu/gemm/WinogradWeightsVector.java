package io.github.f2d4j.engine.cpu.gemm;

import static io.github.f2d4j.engine.cpu.math.VectorMath.all;
import static io.github.f2d4j.engine.cpu.math.VectorMath.load;

import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link WinogradWeightsScalar} on vectors. Counts are whole panels' rows, so there is no
 * remainder.
 */
final class WinogradWeightsVector implements WinogradWeights {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = F.length();

  @Override
  public void one(MemorySegment from, long at, float w, float[] to, int count) {
    MemorySegment s0 = from.asSlice(at, 4L * count);
    for (int i = 0; i < count; i += LANES) {
      load(s0, 4L * i).mul(w).intoArray(to, i);
    }
  }

  @Override
  public void three(
      MemorySegment from, long at, long step, float w0, float w1, float w2, float[] to, int count) {
    FloatVector f0 = all(w0);
    FloatVector f1 = all(w1);
    FloatVector f2 = all(w2);
    MemorySegment s0 = from.asSlice(at, 4L * count);
    MemorySegment s1 = from.asSlice(at + step, 4L * count);
    MemorySegment s2 = from.asSlice(at + 2 * step, 4L * count);
    for (int i = 0; i < count; i += LANES) {
      long o = 4L * i;
      FloatVector sum = load(s0, o).mul(f0);
      sum = load(s1, o).fma(f1, sum);
      load(s2, o).fma(f2, sum).intoArray(to, i);
    }
  }

  @Override
  public void one(float[] t, int from, float w, float[] to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector.fromArray(F, t, from + i).mul(w).intoArray(to, i);
    }
  }

  @Override
  public void three(float[][] t, int from, float w0, float w1, float w2, float[] to, int count) {
    FloatVector f0 = all(w0);
    FloatVector f1 = all(w1);
    FloatVector f2 = all(w2);
    float[] t0 = t[0];
    float[] t1 = t[1];
    float[] t2 = t[2];
    for (int i = 0; i < count; i += LANES) {
      FloatVector sum = FloatVector.fromArray(F, t0, from + i).mul(f0);
      sum = FloatVector.fromArray(F, t1, from + i).fma(f1, sum);
      FloatVector.fromArray(F, t2, from + i).fma(f2, sum).intoArray(to, i);
    }
  }
}
