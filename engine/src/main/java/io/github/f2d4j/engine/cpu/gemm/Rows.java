package io.github.f2d4j.engine.cpu.gemm;

/**
 * The left operand of a matrix multiplication, wherever its rows come from: a matrix, its
 * transpose, or the windows of an image.
 */
interface Rows {
  /**
   * Copies columns {@code [k0, k0 + depth)} of rows {@code [row, row + count)} of matrix {@code
   * item}.
   *
   * @param strip where row r goes, from {@code r * stride}
   */
  void copy(int item, int row, int count, int k0, int depth, float[] strip, int stride);
}
