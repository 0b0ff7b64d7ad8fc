package io.github.f2d4j.engine.cpu.amx;

import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * float32 numbers as integers of three digits to base 256, each a signed byte. The numbers of a row
 * of a, or of a column of b, are multiplied with one power of two that makes the largest of them as
 * large as three digits hold, and rounded: what is lost of each is at most 2⁻²³ of the largest.
 * Products of such integers and their sums are exact; the power of two is taken back from the sum.
 * (After K. Ozaki, T. Ogita, S. Oishi, S. M. Rump, <em>Error-free transformations of matrix
 * multiplication by using fast routines of matrix multiplication and its applications</em>, 2012,
 * and H. Ootomo, K. Ozaki, R. Yokota, <em>DGEMM on Integer Matrix Multiplication Unit</em>,
 * arXiv:2306.11975.)
 *
 * <p>The matrix unit takes four digits of neighbouring k in 32 bits. Which ones count as neighbours
 * is free as long as both operands agree: here those 16 apart, so that digits are made of vectors
 * without moving anything between lanes.
 *
 * <p>Numbers are not below 2⁻¹⁰⁴ for this: a row whose largest is smaller loses digits. A row with
 * an infinity or NaN has the scale NaN.
 */
final class Digits {
  /** Digits of a number, the highest first. */
  static final int COUNT = 3;

  /** Steps of k that go together. */
  static final int DEPTH = 64;

  /** Bytes of the scales of 16 rows or columns, in float32. */
  static final int SCALES = Tiles.SIDE * Float.BYTES;

  /** Bytes of a step of 16 rows: a tile for each digit. The rows' scales lie behind all steps. */
  static final int ROWS_STEP = COUNT * Tiles.BYTES;

  /** Bytes of a step of 16 columns: the same, and their scales behind each. */
  static final int COLUMNS_STEP = ROWS_STEP + SCALES;

  /** Side of a tile in ints; the species must be as long. */
  private static final int LANES = Tiles.SIDE;

  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final VectorSpecies<Integer> I = F.withLanes(int.class).check(int.class);

  static final int MAGNITUDE = 0x7FFFFFFF;
  private static final int INFINITY = 0x7F800000;
  static final int EXPONENT = 23;

  /** Takes the bits of what is larger than the digits 127, 127, 127 to the next exponent. */
  static final int CARRY = 0x10101;

  /** The least biased exponent that a scale can be made for. */
  static final int LEAST = 23;

  /** Added to a number of less than 2²², leaves it, rounded, in the low bits. */
  static final float ROUND = 0x1.8p23f;

  private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

  /** Takes {@link #ROUND} out of both halves, and adds 128 to the two lower digits. */
  static final int POSITIVE = 0x8080 - (ROUND_BITS << 8) - ROUND_BITS;

  /** Subtracts 128 from four digits. */
  static final int SIGNED = 0x80808080;

  private Digits() {}

  private static int exponent(int largest) {
    return Math.max(LEAST, (largest + CARRY) >>> EXPONENT);
  }

  /** What numbers are multiplied with; 149 − exponent is the power of two. */
  static float up(int largest) {
    return Float.intBitsToFloat((276 - exponent(largest)) << EXPONENT);
  }

  /**
   * The scale: what takes the multiplication back.
   *
   * @param largest the largest bits of the numbers, without sign
   */
  static float scale(int largest) {
    return largest >= INFINITY
        ? Float.NaN
        : Float.intBitsToFloat((exponent(largest) - 22) << EXPONENT);
  }

  /** The largest bits, without sign, of {@code count} numbers, a multiple of 16. */
  static int largest(float[] x, int from, int count) {
    IntVector most = IntVector.zero(I);
    for (int i = from; i < from + count; i += LANES) {
      most = most.max(FloatVector.fromArray(F, x, i).reinterpretAsInts().and(MAGNITUDE));
    }
    return most.reduceLanes(VectorOperators.MAX);
  }

  /**
   * Raises {@code largest} to the largest bits of each column of {@code b}, dense [depth, {@link
   * Amx#COLUMNS}].
   */
  static void largest(float[] b, int depth, int[] largest) {
    for (int column = 0; column < Amx.COLUMNS; column += LANES) {
      IntVector most = IntVector.fromArray(I, largest, column);
      for (int i = column; i < depth * Amx.COLUMNS; i += Amx.COLUMNS) {
        most = most.max(FloatVector.fromArray(F, b, i).reinterpretAsInts().and(MAGNITUDE));
      }
      most.intoArray(largest, column);
    }
  }

  /**
   * Digits of steps of one row.
   *
   * @param x element k at {@code from + k}
   * @param up what they are multiplied with, 16 times the same
   * @param to its place in 16 rows' first step
   */
  static void ofRow(float[] x, int from, int steps, float[] up, int[] to, int at) {
    split(x, from, DEPTH, LANES, steps, up, to, at, ROWS_STEP / Integer.BYTES);
  }

  /**
   * Digits of one step of 16 columns.
   *
   * @param b element (k, column) at {@code from + k * COLUMNS + column}
   * @param up what columns are multiplied with
   * @param to the step
   */
  static void ofColumns(float[] b, int from, float[] up, int[] to) {
    int apart = LANES * Amx.COLUMNS;
    split(b, from, Amx.COLUMNS, apart, LANES, up, to, 0, LANES);
  }

  /**
   * Digits of {@code n} times four vectors. Spelt out in one loop, as in {@link Bfloats}, and for
   * its reason.
   *
   * @param pitch from four vectors to the next four
   * @param apart from one of the four to the next
   * @param atPitch from digits of four vectors to those of the next
   */
  private static void split(
      float[] x, int from, int pitch, int apart, int n, float[] up, int[] to, int at, int atPitch) {
    FloatVector scale = FloatVector.fromArray(F, up, 0);
    FloatVector less = scale.mul(0x1p-8f);
    FloatVector round = FloatVector.broadcast(F, ROUND);
    FloatVector twice = FloatVector.broadcast(F, 257 * ROUND);
    FloatVector base = FloatVector.broadcast(F, -256f);
    int i = from;
    int o = at;
    for (int k = 0; k < n; k++) {
      FloatVector x0 = FloatVector.fromArray(F, x, i);
      FloatVector x1 = FloatVector.fromArray(F, x, i + apart);
      FloatVector x2 = FloatVector.fromArray(F, x, i + 2 * apart);
      FloatVector x3 = FloatVector.fromArray(F, x, i + 3 * apart);
      // The two upper digits together, with the third rounded away, and what that leaves.
      FloatVector u0 = x0.fma(less, round);
      FloatVector u1 = x1.fma(less, round);
      FloatVector u2 = x2.fma(less, round);
      FloatVector u3 = x3.fma(less, round);
      x0 = x0.fma(scale, u0.fma(base, twice));
      x1 = x1.fma(scale, u1.fma(base, twice));
      x2 = x2.fma(scale, u2.fma(base, twice));
      x3 = x3.fma(scale, u3.fma(base, twice));
      // Three digits, of which the two lower ones are from 0 to 255: bytes of an int.
      IntVector v0 = u0.reinterpretAsInts().lanewise(VectorOperators.LSHL, 8);
      IntVector v1 = u1.reinterpretAsInts().lanewise(VectorOperators.LSHL, 8);
      IntVector v2 = u2.reinterpretAsInts().lanewise(VectorOperators.LSHL, 8);
      IntVector v3 = u3.reinterpretAsInts().lanewise(VectorOperators.LSHL, 8);
      v0 = v0.add(x0.reinterpretAsInts()).add(POSITIVE);
      v1 = v1.add(x1.reinterpretAsInts()).add(POSITIVE);
      v2 = v2.add(x2.reinterpretAsInts()).add(POSITIVE);
      v3 = v3.add(x3.reinterpretAsInts()).add(POSITIVE);
      // Bytes of the four: low, low, high, high of two each, and the middle ones.
      IntVector ends0 = v1.lanewise(VectorOperators.LSHL, 8).and(0xFF00FF00).or(v0.and(0xFF00FF));
      IntVector ends2 = v3.lanewise(VectorOperators.LSHL, 8).and(0xFF00FF00).or(v2.and(0xFF00FF));
      IntVector middle0 = v0.lanewise(VectorOperators.LSHR, 8).and(0xFF).or(v1.and(0xFF00));
      IntVector middle2 = v2.lanewise(VectorOperators.LSHR, 8).and(0xFF).or(v3.and(0xFF00));
      ends0.lanewise(VectorOperators.LSHR, 16).or(ends2.and(0xFFFF0000)).intoArray(to, o);
      middle2
          .lanewise(VectorOperators.LSHL, 16)
          .or(middle0)
          .lanewise(VectorOperators.XOR, SIGNED)
          .intoArray(to, o + Tiles.INTS);
      ends2
          .lanewise(VectorOperators.LSHL, 16)
          .or(ends0.and(0xFFFF))
          .lanewise(VectorOperators.XOR, SIGNED)
          .intoArray(to, o + 2 * Tiles.INTS);
      i += pitch;
      o += atPitch;
    }
  }
}
