package io.github.f2d4j.engine.cpu;

import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * What one block of a matrix multiplication needs beside its operands. On the heap: the strips must
 * be arrays for speed, see {@link GemmTile4x2}. Borrowed for a block and given back, so there are
 * never more of them than blocks were computed at the same time.
 */
final class GemmScratch {
  private static final ConcurrentLinkedDeque<GemmScratch> FREE = new ConcurrentLinkedDeque<>();

  private static final int TILE_ROWS = GemmTile.BEST.rows();

  /** Rows of a tile as they are read, dense. */
  final float[] rows = new float[TILE_ROWS * Gemm.MAX_DEPTH];

  /** The block's strips of a, one array per tile, k outside. */
  final float[][] strips = new float[Gemm.MAX_ROWS / TILE_ROWS][TILE_ROWS * Gemm.MAX_DEPTH];

  /** The block's sums, panel by panel. */
  final float[] sums = new float[Gemm.MAX_ROWS * Gemm.MAX_COLUMNS];

  /** The bias, panel by panel. */
  final float[] bias = new float[Gemm.MAX_COLUMNS];

  private GemmScratch() {}

  static GemmScratch take() {
    GemmScratch free = FREE.pollFirst();
    return free != null ? free : new GemmScratch();
  }

  void give() {
    FREE.addFirst(this);
  }

  /** Turns {@code TILE_ROWS} rows of {@code depth} into a strip: element (row, k) at k, row. */
  void interleave(int depth, float[] strip) {
    int r = 0;
    for (; r + 4 <= TILE_ROWS; r += 4) {
      interleave4(rows, r * depth, depth, strip, r, TILE_ROWS);
    }
    for (; r < TILE_ROWS; r++) {
      for (int k = 0; k < depth; k++) {
        strip[k * TILE_ROWS + r] = rows[r * depth + k];
      }
    }
  }

  /** Four rows at a time: the four stores of a step meet in one cache line. */
  private static void interleave4(
      float[] rows, int from, int depth, float[] strip, int to, int step) {
    int from1 = from + depth;
    int from2 = from1 + depth;
    int from3 = from2 + depth;
    for (int k = 0; k < depth; k++) {
      int i = to + k * step;
      strip[i] = rows[from + k];
      strip[i + 1] = rows[from1 + k];
      strip[i + 2] = rows[from2 + k];
      strip[i + 3] = rows[from3 + k];
    }
  }
}
