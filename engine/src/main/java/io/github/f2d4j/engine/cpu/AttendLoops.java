package io.github.f2d4j.engine.cpu;

import java.lang.foreign.MemorySegment;

/**
 * The inner loops of attention; offsets and strides in bytes. Each value is one chain of fused
 * multiply-adds in ascending order, whatever the lane width.
 */
interface AttendLoops {
  /** Rows of a {@link #product}. */
  int ROWS = 12;

  /** Queries are handled in multiples of this: the widest vector. */
  int QUERY_GRAIN = 16;

  /** The form for this JVM's lane width. */
  AttendLoops LOOPS = Lanes.VECTOR ? new VectorAttend() : new ScalarAttend();

  /**
   * c = aᵀ·b for {@value #ROWS} rows and at least {@code columns} columns of c, rounded up to whole
   * vectors of at most {@value #QUERY_GRAIN}.
   *
   * @param a [k, 12], a row each {@code lda} bytes
   * @param b [k, columns]
   * @param c [12, columns]
   */
  void product(
      MemorySegment a,
      long ao,
      long lda,
      MemorySegment b,
      long bo,
      long ldb,
      int k,
      MemorySegment c,
      long co,
      long ldc,
      int columns);

  /**
   * y = y·factor + x, fused, for {@code n} floats rounded up to whole vectors of at most {@value
   * #QUERY_GRAIN}; x at {@code xo}, y at {@code yo}.
   */
  void accumulate(MemorySegment s, long xo, long yo, int n, float factor);

  /**
   * One step of the online softmax for {@code queries} queries (a multiple of {@value
   * #QUERY_GRAIN}): scores s [keys, queries] become 2^(s − max), and the running state follows.
   *
   * @param s scores in units of log₂, a key's row each {@code lds} bytes
   * @param state max, sum and factor, one row of floats each {@code ldState} bytes; the factor is
   *     what earlier sums must be multiplied by
   */
  void softmax(MemorySegment s, long so, long lds, int keys, int queries, long state, long ldState);
}
