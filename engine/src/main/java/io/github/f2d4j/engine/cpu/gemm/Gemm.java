package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.amx.UnitFinish;
import io.github.f2d4j.engine.cpu.multiply.Multiplier;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.tile.CacheSizes;
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
 * <p>The result is cut into {@link GemmBlocks}, which threads take one by one. A block walks over k
 * in stretches: for each it copies its rows into strips, then multiplies all tiles; sums wait in
 * scratch between stretches. A tile that is done gets its epilogue at once, so the output is
 * written once, and while the next tile is multiplied. How the work is cut changes no result: an
 * element is a fixed sum over its row and column, see {@link Multiplier}.
 */
final class Gemm {
  /** Fewer multiply-adds than this are not worth waking a thread: some 10 µs of work. */
  private static final long SERIAL = 1 << 19;

  private static final GemmEpilogue FINISH = GemmEpilogue.BEST;

  private final Multiplier multiplier;

  /** Rows of a strip. */
  private final int height;

  /** Strips that are multiplied at a time. */
  private final int strips;

  private final int items;
  private final int rows;
  private final Panels panels;
  private final Activation activation;
  private final WorkPool pool;
  private final GemmBlocks cut;
  private final int tiles;

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
   * @param multiplier what multiplies
   * @param way how b is copied
   * @param epilogue only its activation counts: bias and residual are those of the operands
   */
  Gemm(
      Multiplier multiplier,
      int items,
      int rows,
      Panels panels,
      GemmBlocks.Way way,
      Epilogue epilogue,
      WorkPool pool) {
    this.multiplier = multiplier;
    height = multiplier.traits().rows();
    strips = multiplier.traits().strips();
    this.items = items;
    this.rows = rows;
    this.panels = panels;
    this.activation = epilogue.activation();
    this.pool = pool;
    GemmBlocks.Products products =
        new GemmBlocks.Products(items, rows, panels, multiplier.traits());
    cut = GemmBlocks.of(products, way, CacheSizes.HERE, pool.threads());
    tiles = cut.rows() / height;
  }

  /** One block. */
  private record Block(int item, int row, int rows, int panel, int panels) {}

  /** Computes. */
  void run(Operands o) {
    int rowBlocks = Math.ceilDiv(rows, cut.rows());
    int panelBlocks = Math.ceilDiv(panels.count(), cut.panels());
    int groups = items / cut.together();
    int tasks = Math.multiplyExact(Math.multiplyExact(groups, rowBlocks), panelBlocks);
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
    int row = task % rowBlocks * cut.rows();
    int groups = items / cut.together();
    int item = task / rowBlocks % groups * cut.together();
    int panel = task / rowBlocks / groups * cut.panels();
    int m = Math.min(cut.rows(), rows - row);
    int p = Math.min(cut.panels(), panels.count() - panel);
    Block block = new Block(item, row, m, panel, p);
    Scratch s = Scratch.take(multiplier, cut, slots());
    try {
      MemorySegment bias = o.bias();
      long biasBytes = 4L * p * Panels.width();
      if (bias != null) {
        readBias(o, bias, item, panel, p, s.bias);
        MemorySegment.copy(MemorySegment.ofArray(s.bias), 0, s.biasOrZeros, 0, biasBytes);
      } else {
        s.biasOrZeros.asSlice(0, biasBytes).fill((byte) 0);
      }
      int k = 0;
      // A do loop: with K = 0 every sum is 0, and the epilogue must still run.
      do {
        int length = Math.min(cut.depth(), panels.k() - k);
        readRows(o, block, k, length, s);
        multiply(o, block, k, length, s);
        k += length;
      } while (k < panels.k());
    } finally {
      s.give();
    }
  }

  /** Whether sums wait for the next stretch of k. */
  private boolean kept() {
    return cut.depth() < panels.k();
  }

  /** Tiles of sums that a block holds at a time. */
  private int slots() {
    if (kept()) {
      return cut.together() * cut.panels() * tiles;
    }
    return panels.gated() ? panels.group() * tiles : strips;
  }

  /** Where the sums of strip {@code i} wait, if they wait for more than their epilogue. */
  private int slot(int t, int j, int i) {
    if (kept()) {
      return (t * cut.panels() + j) * tiles + i;
    }
    return panels.gated() ? j % panels.group() * tiles + i : 0;
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

  private void readRows(Operands o, Block block, int k, int length, Scratch s) {
    for (int t = 0; t < cut.together(); t++) {
      for (int i = 0; i < block.rows; i += height) {
        int count = Math.min(height, block.rows - i);
        int strip = t * tiles + i / height;
        o.a().load(block.item + t, block.row + i, count, k, length, strip, s);
      }
    }
  }

  /** Multiplies all tiles of a block over one stretch of k, and finishes them after the last. */
  private void multiply(Operands o, Block block, int k, int length, Scratch s) {
    boolean first = k == 0;
    boolean last = k + length == panels.k();
    int down = Math.ceilDiv(block.rows, height);
    for (int j = 0; j < block.panels; j++) {
      int panel = block.panel + j;
      o.b().prepare(block.item, panel, k, length, s);
      boolean done = last && (j + 1) % panels.group() == 0;
      for (int t = 0; t < cut.together(); t++) {
        o.b().load(block.item + t, panel, k, length, s);
        int whole = into(o, s, panel) ? block.rows / height : 0;
        if (whole > 0) {
          long to = o.outItem() * (block.item + t) + o.outRow() * block.row;
          to += panels.outColumn(panel);
          s.operands.multiplyInto(t * tiles, whole, length, o.out(), 4 * to, 4 * o.outRow(), first);
        }
        for (int i = whole; i < down; i += strips) {
          int count = Math.min(strips, down - i);
          int slot = slot(t, j, i);
          s.operands.multiply(t * tiles + i, count, length, slot, first);
          if (done) {
            for (int c = 0; c < count; c++) {
              finish(o, block, t, i + c, j, slot + c, s);
            }
          }
        }
      }
    }
  }

  /**
   * Whether sums of whole strips and a panel are made where they will stay: if there is nothing to
   * be done with them.
   */
  private boolean into(Operands o, Scratch s, int panel) {
    return o.bias() == null
        && o.residual() == null
        && activation == Activation.NONE
        && panels.columns(panel) == Panels.width()
        && s.operands.multipliesInto(o.out());
  }

  /** Bias, activation, residual and store of a tile, or of a pair that ends with it. */
  private void finish(Operands o, Block block, int t, int i, int j, int slot, Scratch s) {
    int panel = block.panel + j;
    int row = block.row + i * height;
    int count = Math.min(height, block.rows - i * height);
    long to = o.outItem() * (block.item + t) + o.outRow() * row + panels.outColumn(panel);
    UnitFinish.Kind kind = kind(activation);
    if (kind != null
        && s.operands.slots().byteSize() > 0
        && panels.columns(panel) == Panels.width()
        && o.out().isNative()) {
      UnitFinish.Sums last = sums(s, slot, j);
      UnitFinish.Sums first = panels.gated() ? sums(s, slot - tiles, j - 1) : last;
      UnitFinish.finish(
          kind,
          first,
          panels.gated() ? last : null,
          o.residual(),
          o.out(),
          4 * to,
          4 * o.outRow(),
          count);
      return;
    }
    int size = height * Panels.width();
    int at = slot * size;
    int gated = at - tiles * size;
    s.operands.fetch(slot, 1);
    if (panels.gated()) {
      s.operands.fetch(slot - tiles, 1);
    }
    float[] sums = s.operands.sums();
    if (o.bias() != null) {
      FINISH.bias(sums, at, height, s.bias, j * Panels.width());
      if (panels.gated()) {
        FINISH.bias(sums, gated, height, s.bias, (j - 1) * Panels.width());
      }
    }
    int from = at;
    if (panels.gated()) {
      from = gated;
      FINISH.gate(sums, gated, at, size);
    } else {
      FINISH.activate(activation, sums, at, size);
    }
    FINISH.store(
        sums, from, count, panels.columns(panel), o.out(), 4 * to, 4 * o.outRow(), o.residual());
  }

  /** What machine code knows of an activation; null for nothing. */
  private static UnitFinish.@Nullable Kind kind(Activation activation) {
    return switch (activation) {
      case NONE -> UnitFinish.Kind.PLAIN;
      case GELU -> UnitFinish.Kind.GELU;
      case GEGLU -> UnitFinish.Kind.GATED;
      default -> null;
    };
  }

  private UnitFinish.Sums sums(Scratch s, int slot, int j) {
    long bytes = 4L * height * Panels.width();
    return new UnitFinish.Sums(
        s.operands.slots(), slot * bytes, s.biasOrZeros, 4L * j * Panels.width());
  }
}
