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

  /** Ints of a tile. */
  private static final int TILE = TileCode.TILE / Integer.BYTES;

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
    for (int row = 0; row < 2 * LANES; row++) {
      int at = from + row * pitch;
      split(count, a, at, at + LANES, to, row * LANES, 2 * TILE);
    }
  }

  /**
   * Parts of one step of 16 columns of b.
   *
   * @param count parts of a number
   * @param b element (k, column) at {@code from + k * pitch + column}
   * @param to the step, {@code [part][pair of k][column]}
   */
  static void ofColumns(int count, float[] b, int pitch, int from, int[] to) {
    for (int k = 0; k < LANES; k++) {
      int at = from + k * pitch;
      split(count, b, at, at + LANES * pitch, to, k * LANES, TILE);
    }
  }

  /**
   * Parts of 16 numbers for the low halves and 16 for the high ones.
   *
   * @param part ints from one part to the next
   */
  private static void split(int count, float[] x, int low, int high, int[] to, int at, int part) {
    FloatVector u = FloatVector.fromArray(F, x, low);
    FloatVector v = FloatVector.fromArray(F, x, high);
    if (count == 1) {
      paired(roundedOrNan(u), roundedOrNan(v)).intoArray(to, at);
      return;
    }
    IntVector uPart = rounded(u);
    IntVector vPart = rounded(v);
    paired(uPart, vPart).intoArray(to, at);
    u = u.sub(uPart.reinterpretAsFloats());
    v = v.sub(vPart.reinterpretAsFloats());
    if (count == 2) {
      paired(roundedOrNan(u), roundedOrNan(v)).intoArray(to, at + part);
      return;
    }
    uPart = rounded(u);
    vPart = rounded(v);
    paired(uPart, vPart).intoArray(to, at + part);
    u = u.sub(uPart.reinterpretAsFloats());
    v = v.sub(vPart.reinterpretAsFloats());
    // What is left has eight bits, or is NaN, which must not be rounded into a number.
    vPart = v.reinterpretAsInts().and(MASK);
    paired(u.reinterpretAsInts(), vPart).intoArray(to, at + 2 * part);
  }

  /** The nearest bfloat16 numbers, as float32; ties go away from 0. */
  private static IntVector rounded(FloatVector x) {
    return x.reinterpretAsInts().add(HALF).and(MASK);
  }

  /** The same for the last part, by which NaN must be told. */
  private static IntVector roundedOrNan(FloatVector x) {
    return rounded(x).blend(NAN, x.test(VectorOperators.IS_NAN).cast(I));
  }

  private static IntVector paired(IntVector low, IntVector high) {
    return low.lanewise(VectorOperators.LSHR, 16).or(high);
  }
}
