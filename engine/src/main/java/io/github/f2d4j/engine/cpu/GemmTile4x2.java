package io.github.f2d4j.engine.cpu;

import static io.github.f2d4j.engine.cpu.VectorLanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Four rows by two vectors, for processors with 16 vector registers (AVX2, SSE).
 *
 * <p>Eight sums are exactly what two multiply-add units of latency 4 need, and the fewest: C2 moves
 * loads ahead of the arithmetic and so needs registers beside the sums. A tile of 6 × 2, which
 * would fit if written by hand, keeps one or two sums on the stack, which makes each of their steps
 * wait for a store and doubles the time of the loop.
 */
final class GemmTile4x2 implements GemmTile {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = F.length();
  private static final long BYTES = F.vectorByteSize();

  @Override
  public int rows() {
    return 4;
  }

  @Override
  public int columns() {
    return 2 * LANES;
  }

  @Override
  public void multiply(
      float[] a, MemorySegment b, long bOffset, int depth, float[] sums, int at, boolean first) {
    FloatVector s00;
    FloatVector s01;
    FloatVector s10;
    FloatVector s11;
    FloatVector s20;
    FloatVector s21;
    FloatVector s30;
    FloatVector s31;
    if (first) {
      FloatVector zero = FloatVector.zero(F);
      s00 = zero;
      s01 = zero;
      s10 = zero;
      s11 = zero;
      s20 = zero;
      s21 = zero;
      s30 = zero;
      s31 = zero;
    } else {
      s00 = FloatVector.fromArray(F, sums, at);
      s01 = FloatVector.fromArray(F, sums, at + LANES);
      s10 = FloatVector.fromArray(F, sums, at + 2 * LANES);
      s11 = FloatVector.fromArray(F, sums, at + 3 * LANES);
      s20 = FloatVector.fromArray(F, sums, at + 4 * LANES);
      s21 = FloatVector.fromArray(F, sums, at + 5 * LANES);
      s30 = FloatVector.fromArray(F, sums, at + 6 * LANES);
      s31 = FloatVector.fromArray(F, sums, at + 7 * LANES);
    }
    // Two steps per turn: with one, C2 unrolls by four itself and then spills sums. The strip is a
    // heap array indexed from 0, so that its range checks vanish; from a segment they stay. The
    // index is a product of k, not carried along.
    int pairs = depth >> 1;
    for (int k = 0; k < pairs; k++) {
      int ak = k * 8;
      long bk = bOffset + k * (4 * BYTES);
      FloatVector b0 = FloatVector.fromMemorySegment(F, b, bk, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, b, bk + BYTES, ORDER);
      FloatVector x0 = FloatVector.broadcast(F, a[ak]);
      s00 = x0.fma(b0, s00);
      s01 = x0.fma(b1, s01);
      FloatVector x1 = FloatVector.broadcast(F, a[ak + 1]);
      s10 = x1.fma(b0, s10);
      s11 = x1.fma(b1, s11);
      FloatVector x2 = FloatVector.broadcast(F, a[ak + 2]);
      s20 = x2.fma(b0, s20);
      s21 = x2.fma(b1, s21);
      FloatVector x3 = FloatVector.broadcast(F, a[ak + 3]);
      s30 = x3.fma(b0, s30);
      s31 = x3.fma(b1, s31);
      FloatVector b2 = FloatVector.fromMemorySegment(F, b, bk + 2 * BYTES, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(F, b, bk + 3 * BYTES, ORDER);
      FloatVector x4 = FloatVector.broadcast(F, a[ak + 4]);
      s00 = x4.fma(b2, s00);
      s01 = x4.fma(b3, s01);
      FloatVector x5 = FloatVector.broadcast(F, a[ak + 5]);
      s10 = x5.fma(b2, s10);
      s11 = x5.fma(b3, s11);
      FloatVector x6 = FloatVector.broadcast(F, a[ak + 6]);
      s20 = x6.fma(b2, s20);
      s21 = x6.fma(b3, s21);
      FloatVector x7 = FloatVector.broadcast(F, a[ak + 7]);
      s30 = x7.fma(b2, s30);
      s31 = x7.fma(b3, s31);
    }
    if ((depth & 1) != 0) {
      int ak = (depth - 1) * 4;
      long bk = bOffset + (depth - 1) * (2 * BYTES);
      FloatVector b0 = FloatVector.fromMemorySegment(F, b, bk, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, b, bk + BYTES, ORDER);
      FloatVector x0 = FloatVector.broadcast(F, a[ak]);
      s00 = x0.fma(b0, s00);
      s01 = x0.fma(b1, s01);
      FloatVector x1 = FloatVector.broadcast(F, a[ak + 1]);
      s10 = x1.fma(b0, s10);
      s11 = x1.fma(b1, s11);
      FloatVector x2 = FloatVector.broadcast(F, a[ak + 2]);
      s20 = x2.fma(b0, s20);
      s21 = x2.fma(b1, s21);
      FloatVector x3 = FloatVector.broadcast(F, a[ak + 3]);
      s30 = x3.fma(b0, s30);
      s31 = x3.fma(b1, s31);
    }
    s00.intoArray(sums, at);
    s01.intoArray(sums, at + LANES);
    s10.intoArray(sums, at + 2 * LANES);
    s11.intoArray(sums, at + 3 * LANES);
    s20.intoArray(sums, at + 4 * LANES);
    s21.intoArray(sums, at + 5 * LANES);
    s30.intoArray(sums, at + 6 * LANES);
    s31.intoArray(sums, at + 7 * LANES);
  }
}
