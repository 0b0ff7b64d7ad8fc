package io.github.f2d4j.engine.cpu.amx;

import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * float32 numbers rounded to bfloat16, which has eight bits.
 *
 * <p>The matrix unit takes pairs of numbers, one in the low and one in the high half of 32 bits,
 * and multiplies low ones with low, high with high. Which ones are paired is free as long as both
 * operands agree: here those 16 apart in k, so that they are made of vectors without moving
 * anything between lanes.
 *
 * <p>Numbers below 2⁻¹²⁶ count as 0 in the unit.
 */
final class Bfloats {
  /** Steps of k that go together. */
  static final int DEPTH = 32;

  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final VectorSpecies<Integer> I = F.withLanes(int.class).check(int.class);

  /** Side of a tile in ints; the species must be as long. */
  private static final int LANES = Tiles.SIDE;

  static final int MASK = 0xFFFF0000;
  static final int HALF = 0x8000;

  /** NaN as bfloat16, in float32. */
  static final int NAN = 0x7FC00000;

  private Bfloats() {}

  /**
   * One step of 32 rows of a.
   *
   * @param a element (row, k) at {@code from + row * pitch + k}
   * @param to the step, {@code [row][pair of k]}
   */
  static void ofRows(float[] a, int pitch, int from, int[] to) {
    round(a, from, pitch, LANES, 2 * LANES, to);
  }

  /**
   * One step of 16 columns of b.
   *
   * @param b element (k, column) at {@code from + k * pitch + column}
   * @param to the step, {@code [pair of k][column]}
   */
  static void ofColumns(float[] b, int pitch, int from, int[] to) {
    round(b, from, pitch, LANES * pitch, LANES, to);
  }

  /**
   * Rounds {@code n} vectors for the low halves and as many for the high ones, to the nearest; ties
   * go away from 0. Everything is spelt out in the loop, as in VectorLoops, and for its reason.
   *
   * @param pitch from one vector to the next
   * @param high from a vector for the low halves to its fellow for the high ones
   */
  private static void round(float[] x, int from, int pitch, int high, int n, int[] to) {
    for (int i = 0; i < n; i++) {
      FloatVector u = FloatVector.fromArray(F, x, from + i * pitch);
      FloatVector v = FloatVector.fromArray(F, x, from + i * pitch + high);
      IntVector uPart = u.reinterpretAsInts().add(HALF);
      IntVector vPart = v.reinterpretAsInts().add(HALF).and(MASK);
      uPart = uPart.blend(NAN, u.test(VectorOperators.IS_NAN).cast(I));
      vPart = vPart.blend(NAN, v.test(VectorOperators.IS_NAN).cast(I));
      uPart.lanewise(VectorOperators.LSHR, 16).or(vPart).intoArray(to, i * LANES);
    }
  }
}
