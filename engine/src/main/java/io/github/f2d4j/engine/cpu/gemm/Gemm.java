package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.tile.Tile;
import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Matrix multiplication with an epilogue, for one or many matrices of the same shape: {@code out =
 * activation(a·b + bias) + residual}.
 *
 * <p>The result is cut into blocks of rows × panels, which threads take one by one. A block walks
 * over k in stretches that let a panel's stretch stay in the first-level cache and the block's
 * strips of a in the second: for each stretch it copies its rows into strips, then multiplies all
 * tiles; sums wait in scratch between stretches, and the epilogue takes them from there when the
 * last stretch is done, so the output is written once. How the work is cut changes no result, see
 * {@link Tile}.
 */
final class Gemm {
  /** How large a block may be. */
  private static final BlockLimits MOST = BlockLimits.HERE;

  /** Fewer multiply-adds than this are not worth waking a thread: some 10 µs of work. */
  private static final long SERIAL = 1 << 19;

  private static final Tile TILE = Tile.BEST;
  private static final GemmEpilogue FINISH = GemmEpilogue.BEST;

  private final int items;
  private final int rows;
  private final Panels panels;
  private final Activation activation;
  private final WorkPool pool;
  private final int depth;
  private final int blockRows;
  private final int blockPanels;

  /**
   * The operands of one call.
   *
   * @param a the left operand's rows
   * @param b the right operand's columns
   * @param bias elements of {@code biasType}, or null for none
   * @param biasItem elements from one item's bias to the next's
   * @param residual laid out like {@code out}, or null for none
   * @param out float32
   * @param outItem floats from one item to the next
   * @param outRow floats from one row to the next
   */
  record Operands(
      Rows a,
      Columns b,
      @Nullable MemorySegment bias,
      DType biasType,
      int biasItem,
      @Nullable MemorySegment residual,
      MemorySegment out,
      long outItem,
      long outRow) {}

  /**
   * Plans {@code items} products of {@code rows} rows.
   *
   * @param epilogue only its activation counts: bias and residual are those of the operands
   */
  Gemm(int items, int rows, Panels panels, Epilogue epilogue, WorkPool pool) {
    this.items = items;
    this.rows = rows;
    this.panels = panels;
    this.activation = epilogue.activation();
    this.pool = pool;
    depth = even(panels.k(), MOST.depth(), 2);
    int wide = even(panels.count(), MOST.columns() / Panels.width(), panels.group());
    int tall = even(rows, MOST.rows(), TILE.rows());
    // Smaller blocks until each thread has about three, so that none waits long for the last. A
    // narrower block copies a's rows more often, so it must stay wide; a lower one reads b more.
    int wanted = pool.threads() == 1 ? 1 : 3 * pool.threads();
    while (tasks(tall, wide) < wanted) {
      if (wide * Panels.width() >= 256) {
        wide = even(wide, Math.ceilDiv(wide, 2), panels.group());
      } else if (tall >= 8 * TILE.rows()) {
        tall = even(tall, Math.ceilDiv(tall, 2), TILE.rows());
      } else {
        break;
      }
    }
    blockRows = tall;
    blockPanels = wide;
  }

  /** {@code total} in the fewest even parts of at most {@code max}, a multiple of {@code unit}. */
  private static int even(int total, int max, int unit) {
    int parts = Math.max(1, Math.ceilDiv(total, max));
    int part = Math.ceilDiv(Math.ceilDiv(total, parts), unit) * unit;
    return Math.max(part, unit);
  }

  private long tasks(int tall, int wide) {
    return (long) items * Math.ceilDiv(rows, tall) * Math.ceilDiv(panels.count(), wide);
  }

  /** Computes. */
  void run(Operands o) {
    int rowBlocks = Math.ceilDiv(rows, blockRows);
    int panelBlocks = Math.ceilDiv(panels.count(), blockPanels);
    int tasks = Math.multiplyExact(Math.multiplyExact(items, rowBlocks), panelBlocks);
    if ((long) items * rows * panels.n() * panels.k() < SERIAL) {
      for (int task = 0; task < tasks; task++) {
        block(o, task, rowBlocks);
      }
    } else {
      pool.parallel(tasks, task -> block(o, task, rowBlocks));
    }
  }

  /**
   * Computes one block. Blocks of the same panels are neighbours, those of all items too: items may
   * be made of the same memory.
   */
  private void block(Operands o, int task, int rowBlocks) {
    int row = task % rowBlocks * blockRows;
    int item = task / rowBlocks % items;
    int panel = task / rowBlocks / items * blockPanels;
    int m = Math.min(blockRows, rows - row);
    int p = Math.min(blockPanels, panels.count() - panel);
    Scratch s = Scratch.take();
    try {
      MemorySegment bias = o.bias();
      if (bias != null) {
        readBias(o, bias, item, panel, p, s.bias);
      }
      int k = 0;
      // A do loop: with K = 0 every sum is 0, and the epilogue must still run.
      do {
        int length = Math.min(depth, panels.k() - k);
        readRows(o, item, row, m, k, length, s);
        multiply(o, item, row, m, panel, p, k, length, s);
        k += length;
      } while (k < panels.k());
    } finally {
      s.give();
    }
  }

  private void readBias(
      Operands o, MemorySegment bias, int item, int panel, int count, float[] to) {
    for (int j = 0; j < count; j++) {
      int first = o.biasItem() * item + panels.column(panel + j);
      int columns = panels.columns(panel + j);
      int at = j * Panels.width();
      Packer.widen(o.biasType(), bias, (long) first * o.biasType().bytes(), to, at, columns);
      Arrays.fill(to, at + columns, at + Panels.width(), 0f);
    }
  }

  private static void readRows(Operands o, int item, int row, int m, int k, int length, Scratch s) {
    int height = TILE.rows();
    for (int i = 0; i < m; i += height) {
      int count = Math.min(height, m - i);
      float[] strip = s.strips[i / height];
      o.a().copy(item, row + i, count, k, length, strip, Tile.PITCH);
      for (int r = count; r < height; r++) {
        Arrays.fill(strip, r * Tile.PITCH, r * Tile.PITCH + length, 0f);
      }
    }
  }

  /** Multiplies all tiles of a block over one stretch of k, and finishes them after the last. */
  private void multiply(
      Operands o, int item, int row, int m, int panel, int count, int k, int length, Scratch s) {
    int tiles = Math.ceilDiv(m, TILE.rows());
    int tileSize = TILE.rows() * TILE.columns();
    boolean first = k == 0;
    boolean last = k + length == panels.k();
    for (int j = 0; j < count; j++) {
      // Sums of a block that needs no second stretch are finished at once and take one place.
      int place = first && last ? j % panels.group() : j;
      int at = place * tiles * tileSize;
      o.b().copy(item, panel + j, k, length, s.panel);
      for (int i = 0; i < tiles; i++) {
        TILE.multiply(s.strips[i], s.panel, length, s.sums, at + i * tileSize, first);
      }
      if (last && (j + 1) % panels.group() == 0) {
        finish(o, item, row, m, panel + j, j, at, tiles * tileSize, s);
      }
    }
  }

  /** Bias, activation, residual and store of a panel, or of a pair that ends with it. */
  private void finish(
      Operands o, int item, int row, int m, int panel, int j, int at, int size, Scratch s) {
    int paddedRows = size / Panels.width();
    int sums = at;
    for (int g = 0; g < panels.group(); g++) {
      if (o.bias() != null) {
        int biasAt = (j - g) * Panels.width();
        FINISH.bias(s.sums, at - g * size, paddedRows, s.bias, biasAt);
      }
    }
    if (panels.gated()) {
      sums = at - size;
      FINISH.gate(s.sums, sums, at, size);
    } else {
      FINISH.activate(activation, s.sums, at, size);
    }
    long to = o.outItem() * item + o.outRow() * row + panels.outColumn(panel);
    FINISH.store(
        s.sums, sums, m, panels.columns(panel), o.out(), 4 * to, 4 * o.outRow(), o.residual());
  }
}
