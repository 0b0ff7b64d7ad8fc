package io.github.f2d4j.engine.cpu.tile;

import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Twelve rows by two vectors, for processors with 32 vector registers (AVX-512, AArch64): 24 sums,
 * two vectors of b and the broadcast element of a.
 */
final class Tile12x2 implements Tile {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = F.length();

  @Override
  public int rows() {
    return 12;
  }

  @Override
  public int columns() {
    return 2 * LANES;
  }

  @Override
  public void interleave(float[] rows, int depth, float[] strip) {
    for (int r = 0; r < 12; r += 4) {
      interleave4(rows, r * depth, depth, strip, r);
    }
  }

  /** Four rows at a time: more streams than that compete for registers. */
  private static void interleave4(float[] rows, int from, int depth, float[] strip, int to) {
    int row1 = from + depth;
    int row2 = row1 + depth;
    int row3 = row2 + depth;
    for (int k = 0; k < depth; k++) {
      int i = to + 12 * k;
      strip[i] = rows[from + k];
      strip[i + 1] = rows[row1 + k];
      strip[i + 2] = rows[row2 + k];
      strip[i + 3] = rows[row3 + k];
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
    FloatVector s50;
    FloatVector s51;
    FloatVector s60;
    FloatVector s61;
    FloatVector s70;
    FloatVector s71;
    FloatVector s80;
    FloatVector s81;
    FloatVector s90;
    FloatVector s91;
    FloatVector s100;
    FloatVector s101;
    FloatVector s110;
    FloatVector s111;
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
      s60 = zero;
      s61 = zero;
      s70 = zero;
      s71 = zero;
      s80 = zero;
      s81 = zero;
      s90 = zero;
      s91 = zero;
      s100 = zero;
      s101 = zero;
      s110 = zero;
      s111 = zero;
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
      s60 = FloatVector.fromArray(F, sums, at + 12 * LANES);
      s61 = FloatVector.fromArray(F, sums, at + 13 * LANES);
      s70 = FloatVector.fromArray(F, sums, at + 14 * LANES);
      s71 = FloatVector.fromArray(F, sums, at + 15 * LANES);
      s80 = FloatVector.fromArray(F, sums, at + 16 * LANES);
      s81 = FloatVector.fromArray(F, sums, at + 17 * LANES);
      s90 = FloatVector.fromArray(F, sums, at + 18 * LANES);
      s91 = FloatVector.fromArray(F, sums, at + 19 * LANES);
      s100 = FloatVector.fromArray(F, sums, at + 20 * LANES);
      s101 = FloatVector.fromArray(F, sums, at + 21 * LANES);
      s110 = FloatVector.fromArray(F, sums, at + 22 * LANES);
      s111 = FloatVector.fromArray(F, sums, at + 23 * LANES);
    }
    // The index is a product of k, not carried along: carried, range checks stay in the loop.
    for (int k = 0; k < depth; k++) {
      int ak = k * 12;
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
      FloatVector x5 = FloatVector.broadcast(F, a[ak + 5]);
      s50 = x5.fma(b0, s50);
      s51 = x5.fma(b1, s51);
      FloatVector x6 = FloatVector.broadcast(F, a[ak + 6]);
      s60 = x6.fma(b0, s60);
      s61 = x6.fma(b1, s61);
      FloatVector x7 = FloatVector.broadcast(F, a[ak + 7]);
      s70 = x7.fma(b0, s70);
      s71 = x7.fma(b1, s71);
      FloatVector x8 = FloatVector.broadcast(F, a[ak + 8]);
      s80 = x8.fma(b0, s80);
      s81 = x8.fma(b1, s81);
      FloatVector x9 = FloatVector.broadcast(F, a[ak + 9]);
      s90 = x9.fma(b0, s90);
      s91 = x9.fma(b1, s91);
      FloatVector x10 = FloatVector.broadcast(F, a[ak + 10]);
      s100 = x10.fma(b0, s100);
      s101 = x10.fma(b1, s101);
      FloatVector x11 = FloatVector.broadcast(F, a[ak + 11]);
      s110 = x11.fma(b0, s110);
      s111 = x11.fma(b1, s111);
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
    s60.intoArray(sums, at + 12 * LANES);
    s61.intoArray(sums, at + 13 * LANES);
    s70.intoArray(sums, at + 14 * LANES);
    s71.intoArray(sums, at + 15 * LANES);
    s80.intoArray(sums, at + 16 * LANES);
    s81.intoArray(sums, at + 17 * LANES);
    s90.intoArray(sums, at + 18 * LANES);
    s91.intoArray(sums, at + 19 * LANES);
    s100.intoArray(sums, at + 20 * LANES);
    s101.intoArray(sums, at + 21 * LANES);
    s110.intoArray(sums, at + 22 * LANES);
    s111.intoArray(sums, at + 23 * LANES);
  }
}
