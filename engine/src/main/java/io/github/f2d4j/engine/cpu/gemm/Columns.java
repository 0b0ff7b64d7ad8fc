package io.github.f2d4j.engine.cpu.gemm;

/**
 * The right operand of a matrix multiplication, wherever its columns come from: packed {@link
 * Panels}, or panels that are made of them as they are needed.
 */
interface Columns {
  /**
   * Copies rows {@code [k, k + length)} of a panel of matrix {@code item}.
   *
   * @param to dense [length, {@link Panels#width()}], from index 0 on
   */
  void copy(int item, int panel, int k, int length, float[] to);
}
