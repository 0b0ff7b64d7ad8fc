package io.github.f2d4j.engine.backend;

import java.util.List;

/**
 * Runs the kernels of one {@link KernelSequence} as one unit, where and when it can. Safe for use
 * by many threads.
 */
@FunctionalInterface
public interface SequenceRunner {
  /**
   * Computes the results, in working memory of its own. As with single kernels, {@link
   * Backend#synchronize()} waits for it.
   *
   * @param arguments one for each of the sequence's arguments
   * @param results where the results go, one for each that has memory of its own
   * @return false if nothing was done, and the caller is to run one kernel after the other
   */
  boolean run(List<? extends Buffer> arguments, List<? extends Buffer> results);
}
