package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.multiply.BlockOperands;

/**
 * The right operand of a matrix multiplication, wherever its columns come from: packed {@link
 * Panels}, or panels that are made of them as they are needed.
 */
interface Columns {
  /**
   * Called before {@link #load} of the same rows of a panel of {@code item} and the items that go
   * together with it ({@link GemmBlocks#together}), for what these have in common.
   */
  default void prepare(int item, int panel, int k, int length, Scratch scratch) {}

  /**
   * Makes rows {@code [k, k + length)} of a panel of matrix {@code item} the panel of {@link
   * Scratch#operands}.
   */
  void load(int item, int panel, int k, int length, Scratch scratch);

  /** Columns that are copied, some steps of k at a time. */
  interface Copied extends Columns {
    /**
     * Copies rows {@code [k, k + length)} of a panel of matrix {@code item} to {@link
     * BlockOperands#columns}, dense [length, {@link Panels#width()}] from index 0 on.
     */
    void copy(int item, int panel, int k, int length, Scratch scratch);

    @Override
    default void load(int item, int panel, int k, int length, Scratch scratch) {
      for (int at = 0; at < length; at += scratch.chunk) {
        int steps = Math.min(scratch.chunk, length - at);
        copy(item, panel, k + at, steps, scratch);
        scratch.operands.takeColumns(at, steps, length);
      }
    }
  }
}
