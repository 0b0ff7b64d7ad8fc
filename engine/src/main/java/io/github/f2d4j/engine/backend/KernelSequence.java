package io.github.f2d4j.engine.backend;

import java.util.List;

/**
 * The kernels of a plan, which run in the same order each time on values of the same types: what a
 * backend needs to know to run them as one unit.
 */
public interface KernelSequence {
  /** The kernels in their order. */
  List<Kernel> kernels();

  /** The values that are given from outside. */
  List<Operand> arguments();

  /** Bytes of each result that has memory of its own. */
  List<Long> resultBytes();

  /** Bytes of working memory. */
  long workspaceBytes();

  /**
   * The kernels on given memory; none has run yet. Constants that are not packed yet are packed.
   *
   * @param arguments one for each of {@link #arguments()}
   * @param results one for each of {@link #resultBytes()}
   * @param workspace at least {@link #workspaceBytes()}
   */
  List<BoundKernel> bind(
      List<? extends Buffer> arguments, List<? extends Buffer> results, Buffer workspace);
}
