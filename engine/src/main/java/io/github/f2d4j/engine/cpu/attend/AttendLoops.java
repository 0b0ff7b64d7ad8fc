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
   * One step of the online softmax for a panel of queries, see {@link SoftmaxState}: p = 2^(score −
   * reference) and its sum over these keys, with the reference as it is. If every query's sum is
   * fit to be added, adds it.
   *
   * @param scores [keys, columns], in units of log₂, where columns is the tile's
   * @param p the result, [keys, columns]
   * @param state a panel's {@link SoftmaxState} from {@code at}
   * @return whether the step is done; if not, {@link SoftmaxState#move} must finish it
   */
  boolean softmax(float[] scores, int keys, float[] p, float[] state, int at);

  /**
   * sums = sums·factor.
   *
   * @param sums [rows, columns] from {@code at}
   * @param factors [columns] from {@code factorsAt}
   */
  void rescale(float[] sums, int at, int rows, float[] factors, int factorsAt);
}
