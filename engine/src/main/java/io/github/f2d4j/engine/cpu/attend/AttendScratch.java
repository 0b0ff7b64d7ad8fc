package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.tile.Tile;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * What one task of attention needs beside its operands. On the heap for speed, see {@link Tile}.
 * Borrowed for a task and given back, so there are never more of them than tasks ran at the same
 * time.
 */
final class AttendScratch {
  private static final ConcurrentLinkedDeque<AttendScratch> FREE = new ConcurrentLinkedDeque<>();
  private static final int ROWS = Tile.BEST.rows();
  private static final int COLUMNS = Tile.BEST.columns();

  /** A strip's rows before they are interleaved, [ROWS, d]. */
  float[] rows = new float[0];

  /** Scaled queries in panels, each [d, COLUMNS]. */
  float[][] queries = new float[0][];

  /** Keys in strips of ROWS, each [d, ROWS]. */
  float[][] keys = new float[0][];

  /** Columns of the values in strips of ROWS, each [keys, ROWS]. */
  float[][] values = new float[0][];

  /** Scores of one panel of queries, [keys, COLUMNS]. */
  float[] scores = new float[0];

  /** Powers of two of the scores, [keys, COLUMNS]. */
  float[] p = new float[0];

  /** Results of all panels, each [d rounded up to ROWS, COLUMNS]. */
  float[] sums = new float[0];

  /** Maximum, sum and factor of each panel, [3, COLUMNS]. */
  float[] state = new float[0];

  private AttendScratch() {}

  /** Scratch for {@code panels} panels of queries and tiles of {@code tileKeys} keys. */
  static AttendScratch take(int d, int tileKeys, int panels) {
    AttendScratch free = FREE.pollFirst();
    AttendScratch s = free != null ? free : new AttendScratch();
    int strips = Math.ceilDiv(d, ROWS);
    s.rows = atLeast(ROWS * d, s.rows);
    s.queries = atLeast(panels, d * COLUMNS, s.queries);
    s.keys = atLeast(Math.ceilDiv(tileKeys, ROWS), ROWS * d, s.keys);
    s.values = atLeast(strips, ROWS * tileKeys, s.values);
    s.scores = atLeast((tileKeys + ROWS) * COLUMNS, s.scores);
    s.p = atLeast(tileKeys * COLUMNS, s.p);
    s.sums = atLeast(panels * strips * ROWS * COLUMNS, s.sums);
    s.state = atLeast(panels * 3 * COLUMNS, s.state);
    return s;
  }

  private static float[] atLeast(int length, float[] array) {
    return array.length >= length ? array : new float[length];
  }

  private static float[][] atLeast(int count, int length, float[][] arrays) {
    return arrays.length >= count && arrays[0].length >= length
        ? arrays
        : new float[Math.max(count, arrays.length)][length];
  }

  void give() {
    FREE.addFirst(this);
  }
}
