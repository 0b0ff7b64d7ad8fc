package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.tile.Tile;

/**
 * The operands of a block of a product and what multiplies them: the register tile, or the
 * processor's matrix unit. Strips of rows of a and one panel of columns of b are copied to arrays,
 * which then become operands.
 */
interface BlockOperands {
  /** What cutting products into blocks depends on. */
  Traits TRAITS = Amx.used() ? AmxOperands.TRAITS : TileOperands.TRAITS;

  /**
   * Properties of what multiplies.
   *
   * @param rows of a strip
   * @param strips that are best multiplied at once
   * @param depth steps of k that go together: stretches of k are cut into multiples of it
   * @param chunk most steps of k that are copied at a time, a multiple of {@code depth}
   * @param bytes of an element of a strip or panel
   * @param near rows and columns that the first-level cache should keep
   * @param speed multiply-adds in the time in which {@link Tile} does one
   * @param making an element of an operand of what was copied, in multiply-adds of {@link Tile}
   */
  record Traits(
      int rows,
      int strips,
      int depth,
      int chunk,
      int bytes,
      int near,
      double speed,
      double making) {}

  /** Operands without room. */
  static BlockOperands create() {
    return Amx.used() ? new AmxOperands() : new TileOperands();
  }

  /** Makes room for {@code strips} strips and a panel, of {@code depth} steps of k. */
  void reserve(int strips, int depth);

  /** Where the rows of a strip are copied to: element (row, k) at {@code row * PITCH + k}. */
  float[] rows(int strip);

  /**
   * What was copied to {@link #rows} becomes steps {@code [k, k + length)} of the strip, of which
   * it has {@code depth}.
   */
  void takeRows(int strip, int k, int length, int depth);

  /**
   * Where the columns of the panel are copied to: element (k, column) at {@code k * width +
   * column}, see {@link Panels#width}.
   */
  float[] columns();

  /**
   * What was copied to {@link #columns} becomes steps {@code [k, k + length)} of the panel, of
   * which it has {@code depth}.
   */
  void takeColumns(int k, int length, int depth);

  /**
   * As {@link Tile#multiply}, of {@code count} strips and the panel; their sums lie one behind the
   * other.
   *
   * @param count at most {@link Traits#strips}
   */
  void multiply(int strip, int count, int depth, float[] sums, int at, boolean first);
}
