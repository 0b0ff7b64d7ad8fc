package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.AmxTile;
import io.github.f2d4j.engine.cpu.tile.Tile;
import java.util.Arrays;

/** Operands of the matrix unit, made of the arrays after each strip and panel. */
final class AmxOperands implements BlockOperands {
  /** So few that what is copied is still in the first-level cache when parts are made of it. */
  private static final int CHUNK = 2 * Amx.DEPTH;

  /**
   * Speed and making are rough measurements, which need only tell good cuts from bad ones. Only 16
   * columns need to be near: a strip may come from the second-level cache for each of them.
   */
  static final Multiplier.Traits TRAITS =
      new Multiplier.Traits(Amx.ROWS, Amx.STRIPS, Amx.DEPTH, CHUNK, 3 * Short.BYTES, 16, 2.4, 18);

  private final AmxTile tile = new AmxTile();
  private final float[] rows = new float[Amx.ROWS * Tile.PITCH];
  private final float[] columns = new float[CHUNK * Amx.COLUMNS];

  @Override
  public void reserve(int strips, int depth) {
    tile.reserve(strips, depth);
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

  private static int padded(int length) {
    return Math.ceilDiv(length, Amx.DEPTH) * Amx.DEPTH;
  }

  @Override
  public float[] columns() {
    return columns;
  }

  @Override
  public void takeColumns(int k, int length, int depth) {
    Arrays.fill(columns, length * Amx.COLUMNS, padded(length) * Amx.COLUMNS, 0f);
    tile.panel(columns, k, length, depth);
  }

  @Override
  public void multiply(int strip, int count, int depth, float[] sums, int at, boolean first) {
    tile.multiply(strip, count, depth, sums, at, first);
  }
}
