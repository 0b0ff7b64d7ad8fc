package io.github.f2d4j.engine.cpu.gemm;

import static io.github.f2d4j.engine.cpu.math.VectorMath.load;
import static io.github.f2d4j.engine.cpu.math.VectorMath.store;

import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link WinogradF2Scalar} on vectors along the channels. Memory is cut into slices of one length,
 * whose bounds are then checked once for a loop.
 */
final class WinogradF2Vector implements WinogradTransform {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = F.length();
  private static final int WIDTH = Panels.width();
  private static final int ROW = 4 * STRETCH;

  @Override
  public void inputColumn(
      MemorySegment from, long offset, long step, float[] to, int at, int count) {
    int bound = F.loopBound(count);
    int bytes = 4 * bound;
    MemorySegment s0 = from.asSlice(offset, bytes);
    MemorySegment s1 = from.asSlice(offset + step, bytes);
    MemorySegment s2 = from.asSlice(offset + 2 * step, bytes);
    MemorySegment s3 = from.asSlice(offset + 3 * step, bytes);
    for (int c = 0; c < bound; c += LANES) {
      long o = 4L * c;
      FloatVector d1 = load(s1, o);
      FloatVector d2 = load(s2, o);
      int i = at + c;
      load(s0, o).sub(d2).intoArray(to, i);
      d1.add(d2).intoArray(to, i + ROW);
      d2.sub(d1).intoArray(to, i + 2 * ROW);
      load(s3, o).sub(d1).intoArray(to, i + 3 * ROW);
    }
    if (bound < count) {
      WinogradF2Scalar.inputColumn(from, offset, step, to, at, bound, count);
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
    for (int c = 0; c < bound; c += LANES) {
      int i = at + c;
      FloatVector d1 = FloatVector.fromArray(F, from, i + STRETCH);
      FloatVector d2 = FloatVector.fromArray(F, from, i + 2 * STRETCH);
      long o = 4L * c;
      store(s0, o, FloatVector.fromArray(F, from, i).sub(d2));
      store(s1, o, d1.add(d2));
      store(s2, o, d2.sub(d1));
      store(s3, o, FloatVector.fromArray(F, from, i + 3 * STRETCH).sub(d1));
    }
    if (bound < count) {
      WinogradF2Scalar.inputRow(from, at, to, offset, step, bound, count);
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
    for (int c = 0; c < bound; c += LANES) {
      long o = 4L * c;
      FloatVector m1 = load(s1, o);
      FloatVector m2 = load(s2, o);
      int i = at + c;
      load(s0, o).add(m1).add(m2).intoArray(to, i);
      m1.sub(m2).add(load(s3, o)).intoArray(to, i + ROW);
    }
    if (bound < count) {
      WinogradF2Scalar.outputColumn(from, offset, step, to, at, bound, count);
    }
  }

  @Override
  public void outputRow(float[] from, int at, float[] panels, int pixel, int count) {
    int bound = F.loopBound(count);
    for (int c = 0; c < bound; c += LANES) {
      int i = at + c;
      FloatVector m1 = FloatVector.fromArray(F, from, i + STRETCH);
      FloatVector m2 = FloatVector.fromArray(F, from, i + 2 * STRETCH);
      int to = (4 * (c / WIDTH) + pixel) * WIDTH + c % WIDTH;
      FloatVector.fromArray(F, from, i).add(m1).add(m2).intoArray(panels, to);
      FloatVector last = FloatVector.fromArray(F, from, i + 3 * STRETCH);
      m1.sub(m2).add(last).intoArray(panels, to + WIDTH);
    }
    if (bound < count) {
      WinogradF2Scalar.outputRow(from, at, panels, pixel, bound, count);
    }
  }
}
