package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.UnitTile;
import io.github.f2d4j.engine.cpu.multiply.Room;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * What one task of {@link UnitAttention} needs beside its operands. Borrowed and given back, as
 * {@link AttendScratch}.
 */
final class UnitScratch {
  private static final ConcurrentLinkedDeque<UnitScratch> FREE = new ConcurrentLinkedDeque<>();

  private static final int STEP = UnitTile.step(Amx.precision());

  /** Strips of queries, panels of keys, and the scores of one strip. */
  final UnitTile scoring = UnitTile.of(Amx.precision());

  /** A strip of powers, panels of values, and the sums of all strips. */
  final UnitTile summing = UnitTile.of(Amx.precision());

  /** A row of scores, of sums, or a key. */
  float[] row = new float[0];

  /** A strip of queries. */
  float[] rows = new float[0];

  /** A strip of powers. */
  MemorySegment powers = MemorySegment.NULL;

  /** A panel of keys or values. */
  float[] columns = new float[0];

  /** Of each query: what {@code SoftmaxState} calls its shift. */
  float[] shift = new float[0];

  /** Of each query: what {@code SoftmaxState} calls its reference. */
  float[] reference = new float[0];

  /** Of each query: 16 floats, whose sum is that of its powers so far. The last 16 are free. */
  float[] sum = new float[0];

  private UnitScratch() {}

  /** {@code count} rounded up to whole steps of the unit. */
  static int padded(int count) {
    return Math.ceilDiv(count, STEP) * STEP;
  }

  /**
   * Floats from one row of {@code count} to the next: {@link #padded}, and an odd number of cache
   * lines, so that rows do not compete for the same places of the first-level cache.
   */
  static int pitch(int count) {
    return padded(count) + UnitAttention.GROUP;
  }

  /** Scratch for tasks of so many keys and queries. */
  static UnitScratch take(int d, int tileKeys, int queries) {
    UnitScratch free = FREE.pollFirst();
    UnitScratch s = free != null ? free : new UnitScratch();
    int strips = Math.ceilDiv(queries, Amx.ROWS);
    int keys = padded(tileKeys);
    int slot = Amx.ROWS * Amx.COLUMNS;
    int width = Math.ceilDiv(d, UnitAttention.GROUP) * UnitAttention.GROUP;
    s.scoring.reserve(
        strips, Math.ceilDiv(keys, Amx.COLUMNS), d, Math.ceilDiv(Amx.ROWS * pitch(tileKeys), slot));
    int sums = Math.ceilDiv(Math.multiplyExact(strips * Amx.ROWS, width), slot);
    s.summing.reserve(1, Math.ceilDiv(d, Amx.COLUMNS), tileKeys, sums);
    s.row = Room.atLeast(Math.max(keys, padded(d)), s.row);
    s.rows = Room.atLeast(Amx.ROWS * pitch(d), s.rows);
    long powers = 4L * Amx.ROWS * pitch(tileKeys);
    if (s.powers.byteSize() < powers) {
      s.powers = HostBuffer.allocate(powers).segment();
    }
    s.columns = Room.atLeast(Math.max(keys, padded(d)) * Amx.COLUMNS, s.columns);
    s.shift = Room.atLeast(queries, s.shift);
    s.reference = Room.atLeast(queries, s.reference);
    s.sum = Room.atLeast((queries + 1) * UnitAttention.GROUP, s.sum);
    return s;
  }

  void give() {
    FREE.addFirst(this);
  }
}
