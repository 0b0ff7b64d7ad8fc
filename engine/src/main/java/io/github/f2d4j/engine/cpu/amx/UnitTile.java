package io.github.f2d4j.engine.cpu.amx;

import java.lang.foreign.MemorySegment;

/**
 * Operands of products whose sums lie together as a matrix: strips of {@link Amx#ROWS} rows of a,
 * panels of {@link Amx#COLUMNS} columns of b, and memory for sums. For one thread at a time. May be
 * touched only where {@link Amx#used} is true.
 */
public interface UnitTile {
  /** Nothing yet, for products of a precision. */
  static UnitTile of(Precision precision) {
    return precision == Precision.MEDIUM ? new BfloatTile() : new DigitTile(precision);
  }

  /** Steps of k that go together. */
  static int step(Precision precision) {
    return precision == Precision.MEDIUM ? BfloatTile.DEPTH : DigitTile.DEPTH;
  }

  /**
   * Makes room for {@code strips} and {@code panels} of at most {@code depth} steps of k, and for
   * sums of {@code slots} strips and panels.
   */
  void reserve(int strips, int panels, int depth, int slots);

  /**
   * Takes a strip.
   *
   * @param a element (row, k) at {@code row * pitch + k}, with zeros behind {@code depth} up to the
   *     next multiple of {@link #step}
   */
  void strip(int index, float[] a, int pitch, int depth);

  /**
   * Takes a strip of rows where they lie, off the heap.
   *
   * @param from the first row's first byte
   * @param pitch bytes from one row to the next; behind {@code depth} come zeros, as above
   * @param count of rows; the strip's others become 0
   */
  void strip(int index, MemorySegment memory, long from, long pitch, int count, int depth);

  /**
   * Takes a panel.
   *
   * @param b element (k, column) at {@code k * COLUMNS + column}, otherwise as {@link #strip}'s
   */
  void panel(int index, float[] b, int depth);

  /**
   * Multiplies one strip and the first groups of 16 columns of the panels, which lie one behind the
   * other: adds to sums, or puts them there.
   *
   * @param at element (row, column) of the result is float {@code at + row * pitch + column} of the
   *     sums' memory
   * @param first whether what is there does not count
   */
  void multiplyColumns(int strip, int groups, int depth, int at, int pitch, boolean first);

  /** The sums' memory. */
  MemorySegment sums();

  /** Copies {@code count} floats of the sums' memory from float {@code from} on. */
  void read(int from, int count, float[] to, int at);

  /** Copies {@code count} floats back, to float {@code to} and behind. */
  void write(float[] values, int to, int count);
}
