package io.github.f2d4j.engine.cpu.gemm;

/**
 * The right operand of a matrix multiplication, wherever its columns come from: packed {@link
 * Panels}, or panels that are made of them as they are needed.
 */
interface Columns {
  /**
   * Called before {@link #copy} of the same rows of a panel of {@code item} and the items that go
   * together with it ({@link GemmBlocks#together}), for what these have in common.
   */
  default void prepare(int item, int panel, int k, int length, Scratch scratch) {}

  /**
   * Copies rows {@code [k, k + length)} of a panel of matrix {@code item} to {@link
   * BlockOperands#columns}, dense [length, {@link Panels#width()}] from index 0 on.
   */
  void copy(int item, int panel, int k, int length, Scratch scratch);
}
