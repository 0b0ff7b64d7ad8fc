package io.github.f2d4j.engine.cpu.tile;

import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Six rows by four vectors, for processors with 32 vector registers (AVX-512, AArch64): 24 sums,
 * four vectors of b and broadcast elements of a.
 *
 * <p>Of the tiles with so many sums it has the fewest instructions for each multiply-add. That
 * makes no difference while a core is this program's alone, when all of them reach the peak, and
 * much when its other half is busy with something else: then instructions are what runs out.
 */
final class Tile6x4 implements Tile {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = F.length();
  private static final int ROWS = 6;

  @Override
  public int rows() {
    return ROWS;
  }

  @Override
  public int columns() {
    return 4 * LANES;
  }

  @Override
  public void multiply(float[] a, float[] b, int depth, float[] sums, int at, boolean first) {
    FloatVector s00;
    FloatVector s01;
    FloatVector s02;
    FloatVector s03;
    FloatVector s10;
    FloatVector s11;
    FloatVector s12;
    FloatVector s13;
    FloatVector s20;
    FloatVector s21;
    FloatVector s22;
    FloatVector s23;
    FloatVector s30;
    FloatVector s31;
    FloatVector s32;
    FloatVector s33;
    FloatVector s40;
    FloatVector s41;
    FloatVector s42;
    FloatVector s43;
    FloatVector s50;
    FloatVector s51;
    FloatVector s52;
    FloatVector s53;
    if (first) {
      FloatVector zero = FloatVector.zero(F);
      s00 = zero;
      s01 = zero;
      s02 = zero;
      s03 = zero;
      s10 = zero;
      s11 = zero;
      s12 = zero;
      s13 = zero;
      s20 = zero;
      s21 = zero;
      s22 = zero;
      s23 = zero;
      s30 = zero;
      s31 = zero;
      s32 = zero;
      s33 = zero;
      s40 = zero;
      s41 = zero;
      s42 = zero;
      s43 = zero;
      s50 = zero;
      s51 = zero;
      s52 = zero;
      s53 = zero;
    } else {
      s00 = FloatVector.fromArray(F, sums, at);
      s01 = FloatVector.fromArray(F, sums, at + LANES);
      s02 = FloatVector.fromArray(F, sums, at + 2 * LANES);
      s03 = FloatVector.fromArray(F, sums, at + 3 * LANES);
      s10 = FloatVector.fromArray(F, sums, at + 4 * LANES);
      s11 = FloatVector.fromArray(F, sums, at + 5 * LANES);
      s12 = FloatVector.fromArray(F, sums, at + 6 * LANES);
      s13 = FloatVector.fromArray(F, sums, at + 7 * LANES);
      s20 = FloatVector.fromArray(F, sums, at + 8 * LANES);
      s21 = FloatVector.fromArray(F, sums, at + 9 * LANES);
      s22 = FloatVector.fromArray(F, sums, at + 10 * LANES);
      s23 = FloatVector.fromArray(F, sums, at + 11 * LANES);
      s30 = FloatVector.fromArray(F, sums, at + 12 * LANES);
      s31 = FloatVector.fromArray(F, sums, at + 13 * LANES);
      s32 = FloatVector.fromArray(F, sums, at + 14 * LANES);
      s33 = FloatVector.fromArray(F, sums, at + 15 * LANES);
      s40 = FloatVector.fromArray(F, sums, at + 16 * LANES);
      s41 = FloatVector.fromArray(F, sums, at + 17 * LANES);
      s42 = FloatVector.fromArray(F, sums, at + 18 * LANES);
      s43 = FloatVector.fromArray(F, sums, at + 19 * LANES);
      s50 = FloatVector.fromArray(F, sums, at + 20 * LANES);
      s51 = FloatVector.fromArray(F, sums, at + 21 * LANES);
      s52 = FloatVector.fromArray(F, sums, at + 22 * LANES);
      s53 = FloatVector.fromArray(F, sums, at + 23 * LANES);
    }
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(F, b, 4 * LANES * k);
      FloatVector b1 = FloatVector.fromArray(F, b, 4 * LANES * k + LANES);
      FloatVector b2 = FloatVector.fromArray(F, b, 4 * LANES * k + 2 * LANES);
      FloatVector b3 = FloatVector.fromArray(F, b, 4 * LANES * k + 3 * LANES);
      FloatVector x0 = FloatVector.broadcast(F, a[k]);
      s00 = x0.fma(b0, s00);
      s01 = x0.fma(b1, s01);
      s02 = x0.fma(b2, s02);
      s03 = x0.fma(b3, s03);
      FloatVector x1 = FloatVector.broadcast(F, a[PITCH + k]);
      s10 = x1.fma(b0, s10);
      s11 = x1.fma(b1, s11);
      s12 = x1.fma(b2, s12);
      s13 = x1.fma(b3, s13);
      FloatVector x2 = FloatVector.broadcast(F, a[2 * PITCH + k]);
      s20 = x2.fma(b0, s20);
      s21 = x2.fma(b1, s21);
      s22 = x2.fma(b2, s22);
      s23 = x2.fma(b3, s23);
      FloatVector x3 = FloatVector.broadcast(F, a[3 * PITCH + k]);
      s30 = x3.fma(b0, s30);
      s31 = x3.fma(b1, s31);
      s32 = x3.fma(b2, s32);
      s33 = x3.fma(b3, s33);
      FloatVector x4 = FloatVector.broadcast(F, a[4 * PITCH + k]);
      s40 = x4.fma(b0, s40);
      s41 = x4.fma(b1, s41);
      s42 = x4.fma(b2, s42);
      s43 = x4.fma(b3, s43);
      FloatVector x5 = FloatVector.broadcast(F, a[5 * PITCH + k]);
      s50 = x5.fma(b0, s50);
      s51 = x5.fma(b1, s51);
      s52 = x5.fma(b2, s52);
      s53 = x5.fma(b3, s53);
    }
    s00.intoArray(sums, at);
    s01.intoArray(sums, at + LANES);
    s02.intoArray(sums, at + 2 * LANES);
    s03.intoArray(sums, at + 3 * LANES);
    s10.intoArray(sums, at + 4 * LANES);
    s11.intoArray(sums, at + 5 * LANES);
    s12.intoArray(sums, at + 6 * LANES);
    s13.intoArray(sums, at + 7 * LANES);
    s20.intoArray(sums, at + 8 * LANES);
    s21.intoArray(sums, at + 9 * LANES);
    s22.intoArray(sums, at + 10 * LANES);
    s23.intoArray(sums, at + 11 * LANES);
    s30.intoArray(sums, at + 12 * LANES);
    s31.intoArray(sums, at + 13 * LANES);
    s32.intoArray(sums, at + 14 * LANES);
    s33.intoArray(sums, at + 15 * LANES);
    s40.intoArray(sums, at + 16 * LANES);
    s41.intoArray(sums, at + 17 * LANES);
    s42.intoArray(sums, at + 18 * LANES);
    s43.intoArray(sums, at + 19 * LANES);
    s50.intoArray(sums, at + 20 * LANES);
    s51.intoArray(sums, at + 21 * LANES);
    s52.intoArray(sums, at + 22 * LANES);
    s53.intoArray(sums, at + 23 * LANES);
  }
}
