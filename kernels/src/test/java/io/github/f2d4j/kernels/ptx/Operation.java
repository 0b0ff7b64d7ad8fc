package io.github.f2d4j.kernels.ptx;

/** What an instruction does to the lanes of a warp. */
@FunctionalInterface
interface Operation {
  /**
   * Executes it.
   *
   * @param lanes a bit for each lane that takes part; at least one is set
   */
  void run(Warp warp, int lanes);
}
