package io.github.f2d4j.engine.cpu.multiply;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.BfloatTile;
import io.github.f2d4j.engine.cpu.tile.Tile;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Operands of the matrix unit in bfloat16, made of the arrays after each strip and panel. */
final class BfloatOperands implements BlockOperands {
  /**
   * Steps that are copied at a time: so few that what is copied is still in the first-level cache
   * when it is rounded.
   */
  private static final int CHUNK = 6 * BfloatTile.DEPTH;

  private static final int SLOT = Amx.ROWS * Amx.COLUMNS;

  /** Tile products in the time in which vectors do one of float32, measured roughly. */
  private static final double SPEED = 14.4;

  /** Longer stretches of k cost more by loads from the second-level cache than they save sums. */
  private static final int LONGEST = 384;

  private static final int SHORTEST = 96;

  /** What making and storing an element takes, in multiply-adds of the register tile. */
  private static final double MAKING = 6;

  /**
   * Speed and making need only tell good cuts from bad ones. Only 16 columns need to be near: a
   * strip may come from the second-level cache for each of them.
   */
  static final Multiplier.Traits TRAITS =
      new Multiplier.Traits(
          Amx.ROWS,
          Amx.STRIPS,
          BfloatTile.DEPTH,
          CHUNK,
          LONGEST,
          SHORTEST,
          Short.BYTES,
          16,
          SPEED,
          MAKING,
          true);

  private final BfloatTile tile = new BfloatTile();
  private final float[] rows = new float[Amx.ROWS * Tile.PITCH];
  private float[] columns = new float[0];
  private float[] sums = new float[0];
  private @Nullable Kept kept;

  /** Steps {@code [k, k + …)} of a panel that lies somewhere else. */
  private record Kept(MemorySegment memory, long panel, int k, int depth) {}

  @Override
  public void reserve(int strips, int depth, int slots) {
    tile.reserve(strips, 1, depth, slots);
    sums = Room.atLeast(slots * SLOT, sums);
    kept = null;
    columns = Room.atLeast(CHUNK * Amx.COLUMNS, columns);
  }

  @Override
  public int pitch() {
    return Tile.PITCH;
  }

  @Override
  public float[] rows(int strip) {
    return rows;
  }

  @Override
  public void takeRows(int strip, int k, int length, int depth) {
    int end = padded(length);
    if (end > length) {
      for (int row = 0; row < Amx.ROWS; row++) {
        Arrays.fill(rows, row * Tile.PITCH + length, row * Tile.PITCH + end, 0f);
      }
    }
    tile.strip(strip, rows, Tile.PITCH, k, length, depth);
  }

  @Override
  public void takeKept(
      int strip, int row, int k, int length, int depth, MemorySegment memory, long from) {
    if (from < 0) {
      tile.clearRow(strip, row, k, length, depth);
    } else {
      tile.keptRow(strip, row, k, length, depth, memory, KeptRows.bytes(from));
    }
  }

  @Override
  public void takeWindows(BfloatTile.Windows image, int strip, int half, long from, int k) {
    tile.windows(image, strip, half, from, k);
  }

  @Override
  public boolean takesMatrix(int length) {
    return length > 0 && length % BfloatTile.DEPTH == 0;
  }

  @Override
  public void takeMatrix(
      int strip, MemorySegment memory, long from, long pitch, int count, int length) {
    tile.strip(strip, memory, from, pitch, count, length);
  }

  private static int padded(int length) {
    return Math.ceilDiv(length, BfloatTile.DEPTH) * BfloatTile.DEPTH;
  }

  @Override
  public float[] columns() {
    return columns;
  }

  @Override
  public void takeColumns(int k, int length, int depth) {
    Arrays.fill(columns, length * Amx.COLUMNS, padded(length) * Amx.COLUMNS, 0f);
    tile.panel(0, columns, k, length, depth);
    kept = null;
  }

  @Override
  public void useKept(MemorySegment memory, long panel, int k, int length, int depth) {
    kept = new Kept(memory, panel, k, depth);
  }

  @Override
  public void multiply(int strip, int count, int depth, int slot, boolean first) {
    Kept b = kept;
    if (b == null) {
      tile.multiply(strip, count, 0, depth, slot, first);
    } else {
      tile.multiplyKept(strip, count, b.memory, b.panel, b.k, b.depth, depth, slot, first);
    }
  }

  @Override
  public float[] sums() {
    return sums;
  }

  @Override
  public void fetch(int slot, int count) {
    tile.read(slot * SLOT, count * SLOT, sums, slot * SLOT);
  }

  @Override
  public MemorySegment slots() {
    return tile.slots();
  }
}
