package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.simd.Lanes;
import java.lang.foreign.MemorySegment;

/**
 * The inner loops of attention, all within one block of scratch memory; offsets in bytes. Each
 * value is one chain of fused multiply-adds in ascending order, whatever the lane width.
 *
 * <p>Strides of inner loops are constants: only then does the compiler drop their range checks.
 */
interface AttendLoops {
  /** Queries in a tile, keys in a packed panel: the distance of rows of a product's left side. */
  int TILE = 48;

  /** Bytes of a row of {@link #TILE} floats. */
  long TILE_ROW = 4L * TILE;

  /** Columns in a panel of a product's right side: the widest vector. */
  int COLUMNS = 16;

  /** Bytes of a row of {@link #COLUMNS} floats. */
  long COLUMNS_ROW = 4L * COLUMNS;

  /** Rows of a {@link #product}. */
  int ROWS = 12;

  /** The form for this JVM's lane width. */
  AttendLoops LOOPS = Lanes.VECTOR ? new VectorAttend() : new ScalarAttend();

  /**
   * c = aᵀ·b for {@value #ROWS} rows and {@code columns} columns, rounded up to whole vectors.
   *
   * @param a [k, {@value #TILE}], of which the first 12 columns are used
   * @param b panels [k, {@value #COLUMNS}] of 16 columns each
   * @param panel bytes from one panel of b to the next
   * @param c [12, columns], rows {@code ldc} bytes apart
   */
  void product(MemorySegment s, long a, long b, long panel, int k, long c, long ldc, int columns);

  /**
   * y = y·factor + x, fused, for {@code rows} rows with a factor each, of {@code n} floats rounded
   * up to whole vectors; rows of x and y are {@code ld} bytes apart.
   */
  void accumulate(MemorySegment s, long x, long y, long ld, int rows, int n, long factors);

  /**
   * One step of the online softmax for {@code queries} queries (a multiple of {@value #COLUMNS}):
   * scores [keys, {@value #TILE}] become 2^(score − max), and the running state follows.
   *
   * @param scores in units of log₂
   * @param state maximum, sum and factor, each a row of {@value #TILE} floats; the factor is what
   *     earlier sums must be multiplied by
   */
  void softmax(MemorySegment s, long scores, int keys, int queries, long state);
}
