package io.github.f2d4j.engine.cpu.multiply;

import io.github.f2d4j.engine.cpu.tile.Tile;
import java.lang.foreign.MemorySegment;

/** Operands of the register tile, which reads the arrays as they are copied. */
final class TileOperands implements BlockOperands {
  private static final Tile TILE = Tile.BEST;

  static final Multiplier.Traits TRAITS =
      new Multiplier.Traits(
          TILE.rows(), 1, 2, Tile.PITCH, 384, 96, Float.BYTES, TILE.columns(), 1, 0, false);

  private static final int SLOT = TILE.rows() * TILE.columns();

  private float[][] strips = new float[0][];
  private float[] panel = new float[0];
  private float[] sums = new float[0];

  @Override
  public void reserve(int strips, int depth, int slots) {
    this.strips = Room.atLeast(strips, Tile.stripLength(), this.strips);
    panel = Room.atLeast(depth * TILE.columns(), panel);
    sums = Room.atLeast(slots * SLOT, sums);
  }

  @Override
  public int pitch() {
    return Tile.PITCH;
  }

  @Override
  public float[] rows(int strip) {
    return strips[strip];
  }

  @Override
  public void takeRows(int strip, int k, int length, int depth) {}

  @Override
  public void takeKept(
      int strip, int row, int k, int length, int depth, MemorySegment memory, long from) {
    throw new UnsupportedOperationException("the register tile reads rows of floats");
  }

  @Override
  public float[] columns() {
    return panel;
  }

  @Override
  public void takeColumns(int k, int length, int depth) {}

  @Override
  public void useKept(MemorySegment memory, long panel, int k, int length, int depth) {
    throw new UnsupportedOperationException("the register tile reads panels of floats");
  }

  @Override
  public void multiply(int strip, int count, int depth, int slot, boolean first) {
    TILE.multiply(strips[strip], panel, depth, sums, slot * SLOT, first);
  }

  @Override
  public float[] sums() {
    return sums;
  }

  @Override
  public void fetch(int slot, int count) {}
}
