package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.tile.Tile;

/**
 * The operands of a block of a product in the form in which a {@link Multiplier} wants them: strips
 * of rows of a and one panel of columns of b are copied to arrays, which then become operands.
 */
interface BlockOperands {
  /** Makes room for {@code strips} strips and a panel, of {@code depth} steps of k. */
  void reserve(int strips, int depth);

  /** Where the rows of a strip are copied to: element (row, k) at {@code row * PITCH + k}. */
  float[] rows(int strip);

  /**
   * What was copied to {@link #rows} becomes steps {@code [k, k + length)} of the strip, of which
   * it has {@code depth}.
   */
  void takeRows(int strip, int k, int length, int depth);

  /**
   * Where the columns of the panel are copied to: element (k, column) at {@code k * width +
   * column}, see {@link Panels#width}.
   */
  float[] columns();

  /**
   * What was copied to {@link #columns} becomes steps {@code [k, k + length)} of the panel, of
   * which it has {@code depth}.
   */
  void takeColumns(int k, int length, int depth);

  /**
   * As {@link Tile#multiply}, of {@code count} strips and the panel; their sums lie one behind the
   * other.
   *
   * @param count at most {@link Multiplier.Traits#strips}
   */
  void multiply(int strip, int count, int depth, float[] sums, int at, boolean first);
}
