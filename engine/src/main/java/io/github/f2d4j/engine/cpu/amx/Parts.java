package io.github.f2d4j.engine.cpu.amx;

import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * float32 numbers as sums of bfloat16 numbers of eight bits, each the rounding of what the ones
 * before leave. Three of them, x = high + middle + low, hold all 24 bits of x. Of the nine products
 * of two such sums the six largest are multiplied; the three that are left out are together less
 * than 2⁻²³ of the product and mostly far less (G. Henry, P. T. P. Tang, A. Heinecke,
 * <em>Leveraging the bfloat16 Artificial Intelligence Datatype For Higher-Precision
 * Computations</em>, arXiv:1904.06376). Fewer parts give fewer bits, see {@link Precision}.
 *
 * <p>The matrix unit takes pairs of numbers, one in the low and one in the high half of 32 bits,
 * and multiplies low ones with low, high with high. Which ones are paired is free as long as both
 * operands agree: here those 16 apart in k, so that parts are made of vectors without moving
 * anything between lanes.
 *
 * <p>Parts below 2⁻¹²⁶ count as 0 in the unit: products of numbers below about 10⁻³³ lose digits.
 * An infinity makes NaN, since it leaves NaN for the parts below it; alone, it is a part itself.
 */
final class Parts {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final VectorSpecies<Integer> I = F.withLanes(int.class).check(int.class);

  /** Side of a tile in ints; the species must be as long. */
  private static final int LANES = TileCode.SIDE;

  private static final int MASK = 0xFFFF0000;
  private static final int HALF = 0x8000;

  /** NaN as bfloat16, in float32. */
  private static final int NAN = 0x7FC00000;

  private Parts() {}

  /**
   * Parts of one step of 32 rows of a.
   *
   * @param count parts of a number
   * @param a element (row, k) at {@code from + row * pitch + k}
   * @param to the step, {@code [part][row][pair of k]}
   */
  static void ofRows(int count, float[] a, int pitch, int from, int[] to) {
    split(count, a, from, pitch, LANES, 2 * LANES, to);
  }

  /**
   * Parts of one step of 16 columns of b.
   *
   * @param count parts of a number
   * @param b element (k, column) at {@code from + k * pitch + column}
   * @param to the step, {@code [part][pair of k][column]}
   */
  static void ofColumns(int count, float[] b, int pitch, int from, int[] to) {
    split(count, b, from, pitch, LANES * pitch, LANES, to);
  }

  /**
   * Parts of {@code n} vectors for the low halves and as many for the high ones.
   *
   * @param pitch from one vector to the next
   * @param high from a vector for the low halves to its fellow for the high ones
   * @param to {@code [part][vector]}
   */
  private static void split(int count, float[] x, int from, int pitch, int high, int n, int[] to) {
    switch (count) {
      case 1 -> one(x, from, pitch, high, n, to);
      case 2 -> two(x, from, pitch, high, n, to);
      default -> three(x, from, pitch, high, n, to);
    }
  }

  // Rounding is to the nearest bfloat16 number, as float32; ties go away from 0. The last part must
  // tell of NaN. Everything is spelt out in the loops, as in VectorLoops, and for its reason.

  private static void one(float[] x, int from, int pitch, int high, int n, int[] to) {
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

  private static void two(float[] x, int from, int pitch, int high, int n, int[] to) {
    for (int i = 0; i < n; i++) {
      FloatVector u = FloatVector.fromArray(F, x, from + i * pitch);
      FloatVector v = FloatVector.fromArray(F, x, from + i * pitch + high);
      IntVector uPart = u.reinterpretAsInts().add(HALF).and(MASK);
      IntVector vPart = v.reinterpretAsInts().add(HALF).and(MASK);
      uPart.lanewise(VectorOperators.LSHR, 16).or(vPart).intoArray(to, i * LANES);
      u = u.sub(uPart.reinterpretAsFloats());
      v = v.sub(vPart.reinterpretAsFloats());
      uPart = u.reinterpretAsInts().add(HALF);
      vPart = v.reinterpretAsInts().add(HALF).and(MASK);
      uPart = uPart.blend(NAN, u.test(VectorOperators.IS_NAN).cast(I));
      vPart = vPart.blend(NAN, v.test(VectorOperators.IS_NAN).cast(I));
      uPart.lanewise(VectorOperators.LSHR, 16).or(vPart).intoArray(to, (n + i) * LANES);
    }
  }

  private static void three(float[] x, int from, int pitch, int high, int n, int[] to) {
    for (int i = 0; i < n; i++) {
      FloatVector u = FloatVector.fromArray(F, x, from + i * pitch);
      FloatVector v = FloatVector.fromArray(F, x, from + i * pitch + high);
      IntVector uPart = u.reinterpretAsInts().add(HALF).and(MASK);
      IntVector vPart = v.reinterpretAsInts().add(HALF).and(MASK);
      uPart.lanewise(VectorOperators.LSHR, 16).or(vPart).intoArray(to, i * LANES);
      u = u.sub(uPart.reinterpretAsFloats());
      v = v.sub(vPart.reinterpretAsFloats());
      uPart = u.reinterpretAsInts().add(HALF).and(MASK);
      vPart = v.reinterpretAsInts().add(HALF).and(MASK);
      uPart.lanewise(VectorOperators.LSHR, 16).or(vPart).intoArray(to, (n + i) * LANES);
      u = u.sub(uPart.reinterpretAsFloats());
      v = v.sub(vPart.reinterpretAsFloats());
      // What is left has eight bits, or is NaN, which must not be rounded into a number.
      uPart = u.reinterpretAsInts();
      vPart = v.reinterpretAsInts().and(MASK);
      uPart.lanewise(VectorOperators.LSHR, 16).or(vPart).intoArray(to, (2 * n + i) * LANES);
    }
  }
}
