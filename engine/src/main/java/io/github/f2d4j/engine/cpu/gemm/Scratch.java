package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.tile.Tile;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * What one block of a matrix multiplication needs beside its operands. On the heap: the strips must
 * be arrays for speed, see {@link Tile}. Borrowed for a block and given back, so there are never
 * more of them than blocks were computed at the same time.
 */
final class Scratch {
  private static final ConcurrentLinkedDeque<Scratch> FREE = new ConcurrentLinkedDeque<>();

  /** The block's strips of a, one array per tile. */
  final float[][] strips =
      new float[BlockLimits.HERE.rows() / Tile.BEST.rows()][Tile.stripLength()];

  /** A stretch of a panel of b. */
  final float[] panel = new float[BlockLimits.HERE.depth() * Panels.width()];

  /** The block's sums, panel by panel. */
  final float[] sums = new float[BlockLimits.HERE.rows() * BlockLimits.HERE.columns()];

  /** The bias, panel by panel. */
  final float[] bias = new float[BlockLimits.HERE.columns()];

  private Scratch() {}

  static Scratch take() {
    Scratch free = FREE.pollFirst();
    return free != null ? free : new Scratch();
  }

  void give() {
    FREE.addFirst(this);
  }
}
