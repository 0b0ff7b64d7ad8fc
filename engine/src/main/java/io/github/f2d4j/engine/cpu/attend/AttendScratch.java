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
  private static final int STRIP = Tile.stripLength();

  /** A head's channels at one query or key, [d]. */
  float[] row = new float[0];

  /** Scaled queries: panels of parts, each [part, COLUMNS]. */
  float[][] queries = new float[0][];

  /** Keys: strips of parts, see {@link Tile}. */
  float[][] keys = new float[0][];

  /** Columns of the values in strips, whose depth is the keys. */
  float[][] values = new float[0][];

  /** Scores of one panel of queries, [keys, COLUMNS]. */
  float[] scores = new float[0];

  /** Powers of two of the scores, [keys, COLUMNS]. */
  float[] p = new float[0];

  /** Results of all panels, each [d rounded up to ROWS, COLUMNS]. */
  float[] sums = new float[0];

  /** The {@link SoftmaxState} of each panel. */
  float[] state = new float[0];

  private AttendScratch() {}

  /** Scratch for {@code panels} panels of queries in {@code parts} and {@code tileKeys} keys. */
  static AttendScratch take(int d, int parts, int tileKeys, int panels) {
    AttendScratch free = FREE.pollFirst();
    AttendScratch s = free != null ? free : new AttendScratch();
    int strips = Math.ceilDiv(d, ROWS);
    s.row = atLeast(d, s.row);
    s.queries = atLeast(panels * parts, Math.min(d, Tile.PITCH) * COLUMNS, s.queries);
    s.keys = atLeast(Math.ceilDiv(tileKeys, ROWS) * parts, STRIP, s.keys);
    s.values = atLeast(strips, STRIP, s.values);
    s.scores = atLeast((tileKeys + ROWS) * COLUMNS, s.scores);
    s.p = atLeast(tileKeys * COLUMNS, s.p);
    s.sums = atLeast(panels * strips * ROWS * COLUMNS, s.sums);
    s.state = atLeast(panels * SoftmaxState.LENGTH, s.state);
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
