package io.github.f2d4j.engine.cpu.tile;

import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Five rows by two vectors, for processors with 16 vector registers (AVX2, SSE).
 *
 * <p>Two multiply-add units of latency 4 need at least eight sums; ten leave them slack. Not more:
 * C2 moves loads ahead of the arithmetic and so needs registers beside the sums. A tile of 6 × 2,
 * which would fit if written by hand, keeps sums on the stack, which makes each of their steps wait
 * for a store and doubles the time of the loop.
 */
final class Tile5x2 implements Tile {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = F.length();

  @Override
  public int rows() {
    return 5;
  }

  @Override
  public int columns() {
    return 2 * LANES;
  }

  @Override
  public void interleave(float[] rows, int depth, float[] strip) {
    int row1 = depth;
    int row2 = 2 * depth;
    int row3 = 3 * depth;
    int row4 = 4 * depth;
    for (int k = 0; k < depth; k++) {
      int i = 5 * k;
      strip[i] = rows[k];
      strip[i + 1] = rows[row1 + k];
      strip[i + 2] = rows[row2 + k];
      strip[i + 3] = rows[row3 + k];
      strip[i + 4] = rows[row4 + k];
    }
  }

  @Override
  public void multiply(float[] a, float[] b, int depth, float[] sums, int at, boolean first) {
    FloatVector s00;
    FloatVector s01;
    FloatVector s10;
    FloatVector s11;
    FloatVector s20;
    FloatVector s21;
    FloatVector s30;
    FloatVector s31;
    FloatVector s40;
    FloatVector s41;
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
      s40 = zero;
      s41 = zero;
    } else {
      s00 = FloatVector.fromArray(F, sums, at);
      s01 = FloatVector.fromArray(F, sums, at + LANES);
      s10 = FloatVector.fromArray(F, sums, at + 2 * LANES);
      s11 = FloatVector.fromArray(F, sums, at + 3 * LANES);
      s20 = FloatVector.fromArray(F, sums, at + 4 * LANES);
      s21 = FloatVector.fromArray(F, sums, at + 5 * LANES);
      s30 = FloatVector.fromArray(F, sums, at + 6 * LANES);
      s31 = FloatVector.fromArray(F, sums, at + 7 * LANES);
      s40 = FloatVector.fromArray(F, sums, at + 8 * LANES);
      s41 = FloatVector.fromArray(F, sums, at + 9 * LANES);
    }
    // One step per turn, and the index a product of k, not carried along: the other forms spill or
    // keep range checks. The strip is a heap array read from index 0 for the same reason.
    for (int k = 0; k < depth; k++) {
      int ak = k * 5;
      int bk = k * (2 * LANES);
      FloatVector b0 = FloatVector.fromArray(F, b, bk);
      FloatVector b1 = FloatVector.fromArray(F, b, bk + LANES);
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
      FloatVector x4 = FloatVector.broadcast(F, a[ak + 4]);
      s40 = x4.fma(b0, s40);
      s41 = x4.fma(b1, s41);
    }
    s00.intoArray(sums, at);
    s01.intoArray(sums, at + LANES);
    s10.intoArray(sums, at + 2 * LANES);
    s11.intoArray(sums, at + 3 * LANES);
    s20.intoArray(sums, at + 4 * LANES);
    s21.intoArray(sums, at + 5 * LANES);
    s30.intoArray(sums, at + 6 * LANES);
    s31.intoArray(sums, at + 7 * LANES);
    s40.intoArray(sums, at + 8 * LANES);
    s41.intoArray(sums, at + 9 * LANES);
  }
}
