package io.github.f2d4j.engine.cpu.normalize;

import io.github.f2d4j.engine.cpu.simd.Lanes;
import java.lang.foreign.MemorySegment;

/**
 * Loops over rows of contiguous floats in memory; offsets and strides in bytes.
 *
 * <p>Sums along a row do not depend on the lane width: element i of the whole blocks of 16 goes to
 * virtual lane i mod 16, the lanes are added as a tree (i with i + 8, then + 4, + 2, + 1), the rest
 * of the row is summed in order and added last. Sums over several rows are chains per column.
 */
interface RowLoops {
  /** The number of virtual lanes. */
  int LANES = 16;

  /** The form for this JVM's lane width. */
  RowLoops LOOPS = Lanes.VECTOR ? new VectorRows() : new ScalarRows();

  /** Σ (x − shift). */
  float sum(MemorySegment x, long xo, int n, float shift);

  /** Σ (x − shift)². */
  float sumOfSquares(MemorySegment x, long xo, int n, float shift);

  /** The maximum, −∞ of nothing; NaN if there is one. */
  float max(MemorySegment x, long xo, int n);

  /** The minimum, +∞ of nothing; NaN if there is one. */
  float min(MemorySegment x, long xo, int n);

  /** y = exp(x − shift); its sum. */
  float exp(MemorySegment x, long xo, MemorySegment y, long yo, int n, float shift);

  /** acc += the sum of {@code rows} rows, column by column. */
  void addRows(MemorySegment x, long xo, long stride, int rows, MemorySegment acc, long ao, int n);
}
