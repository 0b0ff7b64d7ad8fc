package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.tile.Tile;

/** Operands of the register tile, which reads the arrays as they are copied. */
final class TileOperands implements BlockOperands {
  private static final Tile TILE = Tile.BEST;

  static final Multiplier.Traits TRAITS =
      new Multiplier.Traits(TILE.rows(), 1, 2, Tile.PITCH, Float.BYTES, TILE.columns(), 1, 0);

  private float[][] strips = new float[0][];
  private float[] panel = new float[0];

  @Override
  public void reserve(int count, int depth) {
    strips = Scratch.atLeast(count, Tile.stripLength(), strips);
    panel = Scratch.atLeast(depth * TILE.columns(), panel);
  }

  @Override
  public float[] rows(int strip) {
    return strips[strip];
  }

  @Override
  public void takeRows(int strip, int k, int length, int depth) {}

  @Override
  public float[] columns() {
    return panel;
  }

  @Override
  public void takeColumns(int k, int length, int depth) {}

  @Override
  public void multiply(int strip, int count, int depth, float[] sums, int at, boolean first) {
    TILE.multiply(strips[strip], panel, depth, sums, at, first);
  }
}
