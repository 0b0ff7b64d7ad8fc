package io.github.f2d4j.engine.cpu.tile;

import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Ten rows by two vectors, for processors with 32 vector registers (AVX-512, AArch64): 20 sums, two
 * vectors of b and broadcast elements of a. The widths of attention heads, 40, 80 and 160, are
 * multiples of ten; twelve rows are no faster. The stores are explained at {@link Tile6x2}.
 */
final class Tile10x2 implements Tile {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = F.length();
  private static final int ROWS = 10;

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
    FloatVector s0_0;
    FloatVector s0_1;
    FloatVector s1_0;
    FloatVector s1_1;
    FloatVector s2_0;
    FloatVector s2_1;
    FloatVector s3_0;
    FloatVector s3_1;
    FloatVector s4_0;
    FloatVector s4_1;
    FloatVector s5_0;
    FloatVector s5_1;
    FloatVector s6_0;
    FloatVector s6_1;
    FloatVector s7_0;
    FloatVector s7_1;
    FloatVector s8_0;
    FloatVector s8_1;
    FloatVector s9_0;
    FloatVector s9_1;
    if (first) {
      FloatVector zero = FloatVector.zero(F);
      s0_0 = zero;
      s0_1 = zero;
      s1_0 = zero;
      s1_1 = zero;
      s2_0 = zero;
      s2_1 = zero;
      s3_0 = zero;
      s3_1 = zero;
      s4_0 = zero;
      s4_1 = zero;
      s5_0 = zero;
      s5_1 = zero;
      s6_0 = zero;
      s6_1 = zero;
      s7_0 = zero;
      s7_1 = zero;
      s8_0 = zero;
      s8_1 = zero;
      s9_0 = zero;
      s9_1 = zero;
    } else {
      s0_0 = FloatVector.fromArray(F, sums, at);
      s0_1 = FloatVector.fromArray(F, sums, at + LANES);
      s1_0 = FloatVector.fromArray(F, sums, at + 2 * LANES);
      s1_1 = FloatVector.fromArray(F, sums, at + 3 * LANES);
      s2_0 = FloatVector.fromArray(F, sums, at + 4 * LANES);
      s2_1 = FloatVector.fromArray(F, sums, at + 5 * LANES);
      s3_0 = FloatVector.fromArray(F, sums, at + 6 * LANES);
      s3_1 = FloatVector.fromArray(F, sums, at + 7 * LANES);
      s4_0 = FloatVector.fromArray(F, sums, at + 8 * LANES);
      s4_1 = FloatVector.fromArray(F, sums, at + 9 * LANES);
      s5_0 = FloatVector.fromArray(F, sums, at + 10 * LANES);
      s5_1 = FloatVector.fromArray(F, sums, at + 11 * LANES);
      s6_0 = FloatVector.fromArray(F, sums, at + 12 * LANES);
      s6_1 = FloatVector.fromArray(F, sums, at + 13 * LANES);
      s7_0 = FloatVector.fromArray(F, sums, at + 14 * LANES);
      s7_1 = FloatVector.fromArray(F, sums, at + 15 * LANES);
      s8_0 = FloatVector.fromArray(F, sums, at + 16 * LANES);
      s8_1 = FloatVector.fromArray(F, sums, at + 17 * LANES);
      s9_0 = FloatVector.fromArray(F, sums, at + 18 * LANES);
      s9_1 = FloatVector.fromArray(F, sums, at + 19 * LANES);
    }
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(F, b, 2 * LANES * k);
      FloatVector b1 = FloatVector.fromArray(F, b, 2 * LANES * k + LANES);
      a[ORDER] = 0f;
      FloatVector x0 = FloatVector.broadcast(F, a[k]);
      s0_0 = x0.fma(b0, s0_0);
      s0_1 = x0.fma(b1, s0_1);
      a[ORDER] = 0f;
      FloatVector x1 = FloatVector.broadcast(F, a[PITCH + k]);
      s1_0 = x1.fma(b0, s1_0);
      s1_1 = x1.fma(b1, s1_1);
      a[ORDER] = 0f;
      FloatVector x2 = FloatVector.broadcast(F, a[2 * PITCH + k]);
      s2_0 = x2.fma(b0, s2_0);
      s2_1 = x2.fma(b1, s2_1);
      a[ORDER] = 0f;
      FloatVector x3 = FloatVector.broadcast(F, a[3 * PITCH + k]);
      s3_0 = x3.fma(b0, s3_0);
      s3_1 = x3.fma(b1, s3_1);
      a[ORDER] = 0f;
      FloatVector x4 = FloatVector.broadcast(F, a[4 * PITCH + k]);
      s4_0 = x4.fma(b0, s4_0);
      s4_1 = x4.fma(b1, s4_1);
      a[ORDER] = 0f;
      FloatVector x5 = FloatVector.broadcast(F, a[5 * PITCH + k]);
      s5_0 = x5.fma(b0, s5_0);
      s5_1 = x5.fma(b1, s5_1);
      a[ORDER] = 0f;
      FloatVector x6 = FloatVector.broadcast(F, a[6 * PITCH + k]);
      s6_0 = x6.fma(b0, s6_0);
      s6_1 = x6.fma(b1, s6_1);
      a[ORDER] = 0f;
      FloatVector x7 = FloatVector.broadcast(F, a[7 * PITCH + k]);
      s7_0 = x7.fma(b0, s7_0);
      s7_1 = x7.fma(b1, s7_1);
      a[ORDER] = 0f;
      FloatVector x8 = FloatVector.broadcast(F, a[8 * PITCH + k]);
      s8_0 = x8.fma(b0, s8_0);
      s8_1 = x8.fma(b1, s8_1);
      a[ORDER] = 0f;
      FloatVector x9 = FloatVector.broadcast(F, a[9 * PITCH + k]);
      s9_0 = x9.fma(b0, s9_0);
      s9_1 = x9.fma(b1, s9_1);
    }
    s0_0.intoArray(sums, at);
    s0_1.intoArray(sums, at + LANES);
    s1_0.intoArray(sums, at + 2 * LANES);
    s1_1.intoArray(sums, at + 3 * LANES);
    s2_0.intoArray(sums, at + 4 * LANES);
    s2_1.intoArray(sums, at + 5 * LANES);
    s3_0.intoArray(sums, at + 6 * LANES);
    s3_1.intoArray(sums, at + 7 * LANES);
    s4_0.intoArray(sums, at + 8 * LANES);
    s4_1.intoArray(sums, at + 9 * LANES);
    s5_0.intoArray(sums, at + 10 * LANES);
    s5_1.intoArray(sums, at + 11 * LANES);
    s6_0.intoArray(sums, at + 12 * LANES);
    s6_1.intoArray(sums, at + 13 * LANES);
    s7_0.intoArray(sums, at + 14 * LANES);
    s7_1.intoArray(sums, at + 15 * LANES);
    s8_0.intoArray(sums, at + 16 * LANES);
    s8_1.intoArray(sums, at + 17 * LANES);
    s9_0.intoArray(sums, at + 18 * LANES);
    s9_1.intoArray(sums, at + 19 * LANES);
  }
}
