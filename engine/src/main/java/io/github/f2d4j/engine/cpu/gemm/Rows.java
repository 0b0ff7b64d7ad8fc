package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.multiply.BlockOperands;
import java.util.Arrays;

/**
 * The left operand of a matrix multiplication, wherever its rows come from: a matrix, its
 * transpose, or the windows of an image.
 */
interface Rows {
  /**
   * Makes columns {@code [k, k + length)} of rows {@code [row, row + count)} of matrix {@code item}
   * a strip of {@link Scratch#operands}, whose other rows become 0.
   */
  void load(int item, int row, int count, int k, int length, int strip, Scratch scratch);

  /** Rows that are copied, some steps of k at a time. */
  interface Copied extends Rows {
    /**
     * Copies columns {@code [k0, k0 + depth)} of rows {@code [row, row + count)} of matrix {@code
     * item} to {@link BlockOperands#rows}.
     *
     * @param strip where row r goes, from {@code r * stride}
     */
    void copy(int item, int row, int count, int k0, int depth, float[] strip, int stride);

    @Override
    default void load(int item, int row, int count, int k, int length, int strip, Scratch scratch) {
      float[] to = scratch.operands.rows(strip);
      int pitch = scratch.operands.pitch();
      for (int at = 0; at < length; at += scratch.chunk) {
        int steps = Math.min(scratch.chunk, length - at);
        copy(item, row, count, k + at, steps, to, pitch);
        for (int r = count; r < scratch.height; r++) {
          Arrays.fill(to, r * pitch, r * pitch + steps, 0f);
        }
        scratch.operands.takeRows(strip, at, steps, length);
      }
    }
  }
}
