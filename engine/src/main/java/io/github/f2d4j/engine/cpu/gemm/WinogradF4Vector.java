package io.github.f2d4j.engine.cpu.gemm;

import static io.github.f2d4j.engine.cpu.math.VectorMath.all;
import static io.github.f2d4j.engine.cpu.math.VectorMath.load;
import static io.github.f2d4j.engine.cpu.math.VectorMath.store;

import io.github.f2d4j.engine.cpu.gemm.Winograd.F4Points;
import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link WinogradF4Scalar} on vectors along the channels. Memory is cut into slices of one length,
 * whose bounds are then checked once for a loop.
 */
final class WinogradF4Vector implements WinogradTransform {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = F.length();
  private static final int WIDTH = Panels.width();
  private static final int ROW = 6 * STRETCH;

  @Override
  public void inputColumn(
      MemorySegment from, long offset, long step, float[] to, int at, int count) {
    int bound = F.loopBound(count);
    int bytes = 4 * bound;
    MemorySegment s0 = from.asSlice(offset, bytes);
    MemorySegment s1 = from.asSlice(offset + step, bytes);
    MemorySegment s2 = from.asSlice(offset + 2 * step, bytes);
    MemorySegment s3 = from.asSlice(offset + 3 * step, bytes);
    MemorySegment s4 = from.asSlice(offset + 4 * step, bytes);
    MemorySegment s5 = from.asSlice(offset + 5 * step, bytes);
    for (int c = 0; c < bound; c += LANES) {
      long o = 4L * c;
      FloatVector d1 = load(s1, o);
      FloatVector d2 = load(s2, o);
      FloatVector d3 = load(s3, o);
      FloatVector d4 = load(s4, o);
      int i = at + c;
      load(s0, o).fma(all(F4Points.P2_Q2), d2.fma(all(-F4Points.SUM), d4)).intoArray(to, i);
      FloatVector even = d2.fma(all(-F4Points.Q2), d4);
      FloatVector odd = d1.fma(all(-F4Points.Q2), d3);
      odd.fma(all(F4Points.P), even).intoArray(to, i + ROW);
      odd.fma(all(-F4Points.P), even).intoArray(to, i + 2 * ROW);
      even = d2.fma(all(-F4Points.P2), d4);
      odd = d1.fma(all(-F4Points.P2), d3);
      odd.fma(all(F4Points.Q), even).intoArray(to, i + 3 * ROW);
      odd.fma(all(-F4Points.Q), even).intoArray(to, i + 4 * ROW);
      d1.fma(all(F4Points.P2_Q2), d3.fma(all(-F4Points.SUM), load(s5, o)))
          .intoArray(to, i + 5 * ROW);
    }
    if (bound < count) {
      WinogradF4Scalar.inputColumn(from, offset, step, to, at, bound, count);
    }
  }

  @Override
  public void inputRow(float[] from, int at, MemorySegment to, long offset, long step, int count) {
    int bound = F.loopBound(count);
    int bytes = 4 * bound;
    MemorySegment s0 = to.asSlice(offset, bytes);
    MemorySegment s1 = to.asSlice(offset + step, bytes);
    MemorySegment s2 = to.asSlice(offset + 2 * step, bytes);
    MemorySegment s3 = to.asSlice(offset + 3 * step, bytes);
    MemorySegment s4 = to.asSlice(offset + 4 * step, bytes);
    MemorySegment s5 = to.asSlice(offset + 5 * step, bytes);
    for (int c = 0; c < bound; c += LANES) {
      int i = at + c;
      FloatVector d1 = FloatVector.fromArray(F, from, i + STRETCH);
      FloatVector d2 = FloatVector.fromArray(F, from, i + 2 * STRETCH);
      FloatVector d3 = FloatVector.fromArray(F, from, i + 3 * STRETCH);
      FloatVector d4 = FloatVector.fromArray(F, from, i + 4 * STRETCH);
      long o = 4L * c;
      FloatVector first = FloatVector.fromArray(F, from, i);
      store(s0, o, first.fma(all(F4Points.P2_Q2), d2.fma(all(-F4Points.SUM), d4)));
      FloatVector even = d2.fma(all(-F4Points.Q2), d4);
      FloatVector odd = d1.fma(all(-F4Points.Q2), d3);
      store(s1, o, odd.fma(all(F4Points.P), even));
      store(s2, o, odd.fma(all(-F4Points.P), even));
      even = d2.fma(all(-F4Points.P2), d4);
      odd = d1.fma(all(-F4Points.P2), d3);
      store(s3, o, odd.fma(all(F4Points.Q), even));
      store(s4, o, odd.fma(all(-F4Points.Q), even));
      FloatVector last = FloatVector.fromArray(F, from, i + 5 * STRETCH);
      store(s5, o, d1.fma(all(F4Points.P2_Q2), d3.fma(all(-F4Points.SUM), last)));
    }
    if (bound < count) {
      WinogradF4Scalar.inputRow(from, at, to, offset, step, bound, count);
    }
  }

  @Override
  public void outputColumn(
      MemorySegment from, long offset, long step, float[] to, int at, int count) {
    int bound = F.loopBound(count);
    int bytes = 4 * bound;
    MemorySegment s0 = from.asSlice(offset, bytes);
    MemorySegment s1 = from.asSlice(offset + step, bytes);
    MemorySegment s2 = from.asSlice(offset + 2 * step, bytes);
    MemorySegment s3 = from.asSlice(offset + 3 * step, bytes);
    MemorySegment s4 = from.asSlice(offset + 4 * step, bytes);
    MemorySegment s5 = from.asSlice(offset + 5 * step, bytes);
    for (int c = 0; c < bound; c += LANES) {
      long o = 4L * c;
      FloatVector m1 = load(s1, o);
      FloatVector m2 = load(s2, o);
      FloatVector m3 = load(s3, o);
      FloatVector m4 = load(s4, o);
      FloatVector p = m1.add(m2);
      FloatVector q = m1.sub(m2);
      FloatVector r = m3.add(m4);
      FloatVector s = m3.sub(m4);
      int i = at + c;
      load(s0, o).add(p).add(r).intoArray(to, i);
      s.fma(all(F4Points.Q), q.mul(F4Points.P)).intoArray(to, i + ROW);
      r.fma(all(F4Points.Q2), p.mul(F4Points.P2)).intoArray(to, i + 2 * ROW);
      s.fma(all(F4Points.Q3), q.fma(all(F4Points.P3), load(s5, o))).intoArray(to, i + 3 * ROW);
    }
    if (bound < count) {
      WinogradF4Scalar.outputColumn(from, offset, step, to, at, bound, count);
    }
  }

  @Override
  public void outputRow(float[] from, int at, float[] panels, int pixel, int count) {
    int bound = F.loopBound(count);
    for (int c = 0; c < bound; c += LANES) {
      int i = at + c;
      FloatVector m1 = FloatVector.fromArray(F, from, i + STRETCH);
      FloatVector m2 = FloatVector.fromArray(F, from, i + 2 * STRETCH);
      FloatVector m3 = FloatVector.fromArray(F, from, i + 3 * STRETCH);
      FloatVector m4 = FloatVector.fromArray(F, from, i + 4 * STRETCH);
      FloatVector p = m1.add(m2);
      FloatVector q = m1.sub(m2);
      FloatVector r = m3.add(m4);
      FloatVector s = m3.sub(m4);
      int to = (16 * (c / WIDTH) + pixel) * WIDTH + c % WIDTH;
      FloatVector.fromArray(F, from, i).add(p).add(r).intoArray(panels, to);
      s.fma(all(F4Points.Q), q.mul(F4Points.P)).intoArray(panels, to + WIDTH);
      r.fma(all(F4Points.Q2), p.mul(F4Points.P2)).intoArray(panels, to + 2 * WIDTH);
      FloatVector last = FloatVector.fromArray(F, from, i + 5 * STRETCH);
      s.fma(all(F4Points.Q3), q.fma(all(F4Points.P3), last)).intoArray(panels, to + 3 * WIDTH);
    }
    if (bound < count) {
      WinogradF4Scalar.outputRow(from, at, panels, pixel, bound, count);
    }
  }
}
