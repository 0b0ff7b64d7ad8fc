package io.github.f2d4j.engine.cpu.amx;

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
 * without moving anything between lanes. {@link SplitCode} makes them.
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

  static final int MAGNITUDE = 0x7FFFFFFF;
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
}
