package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.AmxTile;
import io.github.f2d4j.engine.cpu.tile.Tile;
import java.util.Arrays;

/** Operands of the matrix unit, made of the arrays after each strip and panel. */
final class AmxOperands implements BlockOperands {
  /** Speed and making are rough measurements, which need only tell good cuts from bad ones. */
  static final Traits TRAITS =
      new Traits(Amx.ROWS, Amx.STRIPS, Amx.DEPTH, 3 * Short.BYTES, Amx.ROWS + 16, 2.4, 18);

  private final AmxTile tile = new AmxTile();
  private final float[] rows = new float[Amx.ROWS * Tile.PITCH];
  private float[] columns = new float[0];

  @Override
  public void reserve(int strips, int depth) {
    tile.reserve(strips, depth);
    columns = Scratch.atLeast(padded(depth) * Amx.COLUMNS, columns);
  }

  private static int padded(int depth) {
    return Math.ceilDiv(depth, Amx.DEPTH) * Amx.DEPTH;
  }

  @Override
  public float[] rows(int strip) {
    return rows;
  }

  @Override
  public void takeRows(int strip, int depth) {
    int end = padded(depth);
    if (end > depth) {
      for (int row = 0; row < Amx.ROWS; row++) {
        Arrays.fill(rows, row * Tile.PITCH + depth, row * Tile.PITCH + end, 0f);
      }
    }
    tile.strip(strip, rows, Tile.PITCH, depth);
  }

  @Override
  public float[] columns() {
    return columns;
  }

  @Override
  public void takeColumns(int depth) {
    Arrays.fill(columns, depth * Amx.COLUMNS, padded(depth) * Amx.COLUMNS, 0f);
    tile.panel(columns, depth);
  }

  @Override
  public void multiply(int strip, int count, int depth, float[] sums, int at, boolean first) {
    tile.multiply(strip, count, depth, sums, at, first);
  }
}
