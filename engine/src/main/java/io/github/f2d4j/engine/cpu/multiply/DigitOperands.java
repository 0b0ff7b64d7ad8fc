package io.github.f2d4j.engine.cpu.multiply;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.DigitTile;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Operands of the matrix unit as integers, made of the arrays after each strip and panel. Their
 * scales belong to a whole stretch of k, so it is copied at once.
 */
final class DigitOperands implements BlockOperands {
  /** Longer stretches of k cost more by loads from the second-level cache than they save sums. */
  private static final int LONGEST = 384;

  /**
   * Where a stretch ends decides by what its numbers are scaled, and so the bits of the result: it
   * must follow from k alone.
   */
  private static final int ALWAYS_FEWEST = Integer.MAX_VALUE;

  /** An odd number of cache lines, so that rows do not compete for the same places. */
  private static final int PITCH = LONGEST + 16;

  private static final int SLOT = Amx.ROWS * Amx.COLUMNS;

  /** Tile products in the time in which vectors do one of float32, measured roughly. */
  private static final double SPEED = 2.9;

  /** What making and storing an element takes, in multiply-adds of the register tile. */
  private static final double MAKING = 6;

  /** Digits of a number. */
  private static final int BYTES = 3;

  /** Speed and making need only tell good cuts from bad ones. Only 16 columns need to be near. */
  static final Multiplier.Traits TRAITS =
      new Multiplier.Traits(
          Amx.ROWS,
          Amx.STRIPS,
          DigitTile.DEPTH,
          LONGEST,
          LONGEST,
          ALWAYS_FEWEST,
          BYTES,
          16,
          SPEED,
          MAKING,
          true);

  private final DigitTile tile = new DigitTile(Amx.precision());
  private final float[] rows = new float[Amx.ROWS * PITCH];
  private float[] columns = new float[0];
  private float[] sums = new float[0];
  private DigitTile.@Nullable Panel panel;

  @Override
  public void reserve(int strips, int depth, int slots) {
    tile.reserve(strips, depth, slots);
    sums = Room.atLeast(slots * SLOT, sums);
    columns = Room.atLeast(padded(depth) * Amx.COLUMNS, columns);
    panel = null;
  }

  private static int padded(int length) {
    return Math.ceilDiv(length, DigitTile.DEPTH) * DigitTile.DEPTH;
  }

  @Override
  public int pitch() {
    return PITCH;
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
        Arrays.fill(rows, row * PITCH + length, row * PITCH + end, 0f);
      }
    }
    tile.strip(strip, rows, PITCH, depth);
  }

  @Override
  public boolean takesMatrix(int length) {
    return length > 0 && length % DigitTile.DEPTH == 0;
  }

  @Override
  public void takeMatrix(
      int strip, MemorySegment memory, long from, long pitch, int count, int length) {
    tile.strip(strip, memory, from, pitch, count, length);
  }

  @Override
  public void takeKept(
      int strip, int row, int k, int length, int depth, MemorySegment memory, long from) {
    throw new UnsupportedOperationException("digits are made of rows of floats");
  }

  @Override
  public float[] columns() {
    return columns;
  }

  @Override
  public void takeColumns(int k, int length, int depth) {
    Arrays.fill(columns, length * Amx.COLUMNS, padded(length) * Amx.COLUMNS, 0f);
    tile.panel(columns, depth);
    panel = tile.panel();
  }

  @Override
  public boolean takesPanel() {
    return true;
  }

  @Override
  public void takePanel(MemorySegment floats, int length) {
    tile.panel(floats, length);
    panel = tile.panel();
  }

  @Override
  public void useKept(MemorySegment memory, long panel, int k, int length, int depth) {
    this.panel = DigitTile.kept(memory, panel, k, length, depth);
  }

  @Override
  public void multiply(int strip, int count, int depth, int slot, boolean first) {
    tile.multiply(strip, count, panel(), depth, slot, first);
  }

  @Override
  public boolean multipliesInto(MemorySegment out) {
    return out.isNative();
  }

  @Override
  public void multiplyInto(
      int strip, int count, int depth, MemorySegment out, long at, long pitch, boolean first) {
    tile.multiply(strip, count, panel(), depth, out, at, pitch, first);
  }

  private DigitTile.Panel panel() {
    return Objects.requireNonNull(panel, "no panel was taken");
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
