package io.github.f2d4j.engine.cpu.tile;

import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Six rows by two vectors, for processors with 16 vector registers (AVX2, SSE): 12 sums, two
 * vectors of b and two broadcast elements of a.
 *
 * <p>C2 moves loads ahead of the arithmetic, and then no registers are left and sums go through
 * memory, which more than halves the speed. A load cannot pass a store to a place that it might
 * read: so before each row stands a store that nobody reads. C2 keeps one of them in each turn of
 * the loop, which becomes what one would write by hand: 12 multiply-adds, 8 loads, 6 others.
 */
final class Tile6x2 implements Tile {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = F.length();
  private static final int ROWS = 6;

  /** Where the stores go that keep C2 from moving loads, see {@link Tile#stripLength}. */
  private static final int ORDER = ROWS * PITCH;

  @Override
  public int rows() {
    return ROWS;
  }

  @Override
  public int columns() {
    return 2 * LANES;
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
    FloatVector s50;
    FloatVector s51;
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
      s50 = zero;
      s51 = zero;
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
      s50 = FloatVector.fromArray(F, sums, at + 10 * LANES);
      s51 = FloatVector.fromArray(F, sums, at + 11 * LANES);
    }
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(F, b, 2 * LANES * k);
      FloatVector b1 = FloatVector.fromArray(F, b, 2 * LANES * k + LANES);
      a[ORDER] = 0f;
      FloatVector x0 = FloatVector.broadcast(F, a[k]);
      s00 = x0.fma(b0, s00);
      s01 = x0.fma(b1, s01);
      a[ORDER] = 0f;
      FloatVector x1 = FloatVector.broadcast(F, a[PITCH + k]);
      s10 = x1.fma(b0, s10);
      s11 = x1.fma(b1, s11);
      a[ORDER] = 0f;
      FloatVector x2 = FloatVector.broadcast(F, a[2 * PITCH + k]);
      s20 = x2.fma(b0, s20);
      s21 = x2.fma(b1, s21);
      a[ORDER] = 0f;
      FloatVector x3 = FloatVector.broadcast(F, a[3 * PITCH + k]);
      s30 = x3.fma(b0, s30);
      s31 = x3.fma(b1, s31);
      a[ORDER] = 0f;
      FloatVector x4 = FloatVector.broadcast(F, a[4 * PITCH + k]);
      s40 = x4.fma(b0, s40);
      s41 = x4.fma(b1, s41);
      a[ORDER] = 0f;
      FloatVector x5 = FloatVector.broadcast(F, a[5 * PITCH + k]);
      s50 = x5.fma(b0, s50);
      s51 = x5.fma(b1, s51);
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
    s50.intoArray(sums, at + 10 * LANES);
    s51.intoArray(sums, at + 11 * LANES);
  }
}
