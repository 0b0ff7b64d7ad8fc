package io.github.f2d4j.engine.cpu.tile;

import io.github.f2d4j.engine.cpu.simd.Lanes;

/**
 * The innermost step of matrix multiplication: a tile of the result that stays in registers while a
 * strip of a meets a panel of b.
 *
 * <p>Every element is one chain of fused multiply-adds over k in ascending order that starts at +0,
 * at every width: implementations differ in speed alone.
 *
 * <p>Both operands are heap arrays, the right one copied from its memory for each block. Loads from
 * a memory segment would save that copy, but C2 compiles them by the types of segments that the
 * whole program has used so far: once it has seen segments of the heap (which any use of the
 * foreign linker brings) they run at little more than half their speed.
 */
public interface Tile {
  /**
   * Floats from one row of a strip to the next, and so the greatest depth. A constant, so that one
   * register addresses all rows; an odd number of cache lines, so that rows do not compete for the
   * same places of the first-level cache.
   */
  int PITCH = 400;

  /** The tile of the lane width in use. */
  Tile BEST = Lanes.VECTOR ? wideRegisterFile() ? new Tile6x4() : new Tile6x2() : new TileScalar();

  /**
   * Whether vectors have 32 registers: AVX-512 and AArch64. With the 16 of AVX2 and SSE a tile of
   * more than 12 sums spills.
   */
  private static boolean wideRegisterFile() {
    return Lanes.BITS == 512 || System.getProperty("os.arch", "").equals("aarch64");
  }

  /** Rows of the tile. */
  int rows();

  /** Columns of the tile, which is the width of a panel of b. */
  int columns();

  /** Length of a strip's array. Behind the rows is a place that {@link #multiply} may write to. */
  static int stripLength() {
    return BEST.rows() * PITCH + 1;
  }

  /**
   * Continues the chains of {@link #rows()} × {@link #columns()} elements by {@code depth} steps.
   *
   * @param a the strip, {@link #stripLength} floats: element (row, k) at {@code row * PITCH + k}
   * @param b the panel: element (k, column) at {@code k * columns() + column}
   * @param sums the elements, row-major and dense from {@code at}
   * @param first whether chains start here, so that {@code sums} is only written
   */
  void multiply(float[] a, float[] b, int depth, float[] sums, int at, boolean first);
}
