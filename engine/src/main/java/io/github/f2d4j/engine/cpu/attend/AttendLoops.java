package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.simd.Lanes;

/**
 * The loops of attention beside its two products. They run down columns: each query is a lane of
 * its own, with one chain of operations in ascending order of keys, whatever the lane width.
 */
interface AttendLoops {
  /** The form for this JVM's lane width. */
  AttendLoops BEST = Lanes.VECTOR ? new VectorAttend() : new ScalarAttend();

  /**
   * One step of the online softmax for a panel of queries: p = 2^(score − maximum), and the running
   * state follows.
   *
   * @param scores [keys, columns], in units of log₂, where columns is the tile's
   * @param p the result, [keys, columns]
   * @param state from {@code at} the maximum, the sum and the factor that earlier sums must be
   *     multiplied by, each [columns]
   */
  void softmax(float[] scores, int keys, float[] p, float[] state, int at);

  /**
   * sums = sums·factor.
   *
   * @param sums [rows, columns] from {@code at}
   * @param factors [columns] from {@code factorsAt}
   */
  void rescale(float[] sums, int at, int rows, float[] factors, int factorsAt);
}
