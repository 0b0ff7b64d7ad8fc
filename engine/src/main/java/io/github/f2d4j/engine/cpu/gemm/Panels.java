package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.tile.Tile;

/**
 * How a right operand [K, N] lies in memory once packed: panels of {@link Tile#columns()} columns,
 * each dense [K, columns], so that a tile reads it as one stream. The last panel's missing columns
 * are 0.
 *
 * @param k rows of the operand
 * @param n columns of the operand
 * @param gated whether the columns are two halves, h and gate, that {@code h·gelu(gate)} joins:
 *     panels then alternate between the halves, so that both ends of a product are in the same
 *     block
 */
record Panels(int k, int n, boolean gated) {
  /** Columns of a panel. */
  static int width() {
    return Tile.BEST.columns();
  }

  /** Panels that hold one column range: a pair where columns are gated. */
  int group() {
    return gated ? 2 : 1;
  }

  /** Columns of the result. */
  int outColumns() {
    return n / group();
  }

  /** The number of panels. */
  int count() {
    return Math.ceilDiv(outColumns(), width()) * group();
  }

  /** First source column of a panel. */
  int column(int panel) {
    int first = panel / group() * width();
    return gated && (panel & 1) != 0 ? n / 2 + first : first;
  }

  /** First column of the result that a panel contributes to. */
  int outColumn(int panel) {
    return panel / group() * width();
  }

  /** Source columns in a panel. */
  int columns(int panel) {
    return Math.min(width(), outColumns() - outColumn(panel));
  }

  /** Bytes of one panel. */
  long panelBytes() {
    return 4L * k * width();
  }

  /** Bytes of all panels. */
  long bytes() {
    return count() * panelBytes();
  }
}
