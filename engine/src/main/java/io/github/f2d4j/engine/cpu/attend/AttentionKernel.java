package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.elementwise.ElementwiseLoops;
import io.github.f2d4j.engine.cpu.kernel.SlotLoop;
import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Attention without a score matrix: for each tile of queries the keys pass by in tiles, with the
 * online softmax of Milakov and Gimelshein (arXiv:1805.02867) as FlashAttention uses it
 * (arXiv:2205.14135).
 *
 * <p>Scores are kept transposed, [keys, queries]: maxima and sums then run down columns, vectors
 * hold neighbouring queries, and the same register tile serves q·kᵀ and p·v. Keys and values of a
 * few heads at a time are packed first: keys in panels [d, 48], values in panels [keys, 16]. Tile
 * sizes are constants, so results depend neither on lanes nor on threads nor on the batch.
 */
final class AttentionKernel {
  /** Queries in a tile. */
  private static final int QUERIES = AttendLoops.TILE;

  /** Keys in a panel. */
  private static final int PANEL = AttendLoops.TILE;

  /** Keys in a tile: two panels. */
  private static final int KEYS = 2 * PANEL;

  private static final int COLUMNS = AttendLoops.COLUMNS;
  private static final int ROWS = AttendLoops.ROWS;

  /** Packed keys and values kept at once. */
  private static final long PACKED_BYTES = 1 << 24;

  private static final long ROW = AttendLoops.TILE_ROW;
  private static final float LOG2_E = FloatMath.LOG2_E;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final AttendLoops LOOPS = AttendLoops.LOOPS;

  private final int batch;
  private final int queries;
  private final int keys;
  private final int heads;
  private final int d;
  private final float scale;
  private final boolean causal;
  private final int paddedD;
  private final int paddedKeys;
  private final int headsAtOnce;
  private final int queryTiles;

  /** q [batch, queries, heads·d], k and v [batch, keys, heads·d]. */
  AttentionKernel(int batch, int queries, int keys, int heads, int d, float scale, boolean causal) {
    this.batch = batch;
    this.queries = queries;
    this.keys = keys;
    this.heads = heads;
    this.d = d;
    this.scale = scale;
    this.causal = causal;
    paddedD = Math.ceilDiv(d, COLUMNS) * COLUMNS;
    paddedKeys = Math.ceilDiv(keys, PANEL) * PANEL;
    long fit = PACKED_BYTES / Math.max(1, packedBytes());
    headsAtOnce = (int) Math.max(1, Math.min((long) batch * heads, fit));
    queryTiles = Math.ceilDiv(queries, QUERIES);
  }

  private long keyBytes() {
    return 4L * paddedKeys * d;
  }

  private long packedBytes() {
    return keyBytes() + 4L * keys * paddedD;
  }

  // A slot's scratch: scores [KEYS, QUERIES], state [3, QUERIES], q in panels [d, COLUMNS], sums
  // [QUERIES, paddedD], one tile's part of the sums [ROWS, paddedD].
  private static final long STATE = KEYS * ROW;
  private static final long QUERY = STATE + 3 * ROW;

  private long sums() {
    return QUERY + d * ROW;
  }

  private long parts() {
    return sums() + 4L * QUERIES * paddedD;
  }

  private long slotBytes() {
    return parts() + 4L * ROWS * paddedD;
  }

  long scratchBytes(WorkPool pool) {
    int slots = SlotLoop.slots(pool, headsAtOnce * queryTiles);
    return headsAtOnce * packedBytes() + slots * slotBytes();
  }

  /** Computes softmax(scale·q·kᵀ)·v into {@code y}. */
  void run(
      WorkPool pool,
      MemorySegment q,
      MemorySegment k,
      MemorySegment v,
      MemorySegment y,
      MemorySegment scratch) {
    int blocks = paddedKeys / PANEL;
    for (int first = 0; first < batch * heads; first += headsAtOnce) {
      int from = first;
      int count = Math.min(headsAtOnce, batch * heads - first);
      pool.parallel(count * blocks, t -> pack(from, t / blocks, t % blocks * PANEL, k, v, scratch));
      SlotLoop.run(
          pool,
          count * queryTiles,
          (t, slot) -> tile(from, t / queryTiles, t % queryTiles * QUERIES, slot, q, y, scratch));
    }
  }

  /** Where row {@code row} of a head lies in q or k. */
  private long rowAt(int head, int row, int rows) {
    return 4L * (((long) (head / heads) * rows + row) * heads + head % heads) * d;
  }

  /** Packs one panel of keys and the same rows of the values. */
  private void pack(
      int from, int index, int firstKey, MemorySegment k, MemorySegment v, MemorySegment scratch) {
    long keyAt = index * packedBytes() + 4L * firstKey * d;
    long valueAt = index * packedBytes() + keyBytes();
    for (int j = 0; j < PANEL; j++) {
      int key = firstKey + j;
      long to = keyAt + 4L * j;
      if (key >= keys) {
        for (int i = 0; i < d; i++) {
          scratch.set(FLOAT, to + i * ROW, 0f);
        }
        continue;
      }
      long row = rowAt(from + index, key, keys);
      for (int i = 0; i < d; i++) {
        scratch.set(FLOAT, to + i * ROW, k.get(FLOAT, row + 4L * i));
      }
      for (int i = 0; i < paddedD; i++) {
        long at = valueAt + i / COLUMNS * valuePanel() + 4L * (key * (long) COLUMNS + i % COLUMNS);
        scratch.set(FLOAT, at, i < d ? v.get(FLOAT, row + 4L * i) : 0f);
      }
    }
  }

  private long valuePanel() {
    return keys * AttendLoops.COLUMNS_ROW;
  }

  /** One tile of queries against all keys of its head. */
  private void tile(
      int from,
      int index,
      int firstQuery,
      int slot,
      MemorySegment q,
      MemorySegment y,
      MemorySegment scratch) {
    long base = headsAtOnce * packedBytes() + slot * slotBytes();
    int count = Math.min(QUERIES, queries - firstQuery);
    int wide = Math.ceilDiv(count, COLUMNS) * COLUMNS;
    loadQueries(q, rowAt(from + index, firstQuery, queries), count, wide, scratch, base);
    int end = causal ? Math.min(keys, firstQuery + count) : keys;
    long packed = index * packedBytes();
    for (int key = 0; key < end; key += KEYS) {
      step(firstQuery, key, Math.min(KEYS, keys - key), count, wide, packed, base, scratch);
    }
    long stride = 4L * heads * d;
    long to = rowAt(from + index, firstQuery, queries);
    for (int i = 0; i < count; i++) {
      float sum = scratch.get(FLOAT, base + STATE + ROW + 4L * i);
      long at = base + sums() + 4L * i * paddedD;
      ElementwiseLoops.LOOPS.scale(scratch, at, y, to + i * stride, d, 1f / sum);
    }
  }

  /** Packs scaled queries in panels [d, COLUMNS] and resets maxima, sums and results. */
  private void loadQueries(
      MemorySegment q, long row, int count, int wide, MemorySegment scratch, long base) {
    float factor = scale * LOG2_E;
    long stride = 4L * heads * d;
    for (int j = 0; j < wide; j++) {
      long to = base + QUERY + j / COLUMNS * queryPanel() + 4L * (j % COLUMNS);
      for (int i = 0; i < d; i++) {
        float value = j < count ? q.get(FLOAT, row + j * stride + 4L * i) * factor : 0f;
        scratch.set(FLOAT, to + i * AttendLoops.COLUMNS_ROW, value);
      }
    }
    for (int j = 0; j < QUERIES; j++) {
      scratch.set(FLOAT, base + STATE + 4L * j, Float.NEGATIVE_INFINITY);
      scratch.set(FLOAT, base + STATE + ROW + 4L * j, 0f);
    }
    scratch.asSlice(base + sums(), 4L * QUERIES * paddedD).fill((byte) 0);
  }

  private long queryPanel() {
    return d * AttendLoops.COLUMNS_ROW;
  }

  /** One tile of keys: scores, softmax, results. */
  private void step(
      int firstQuery,
      int firstKey,
      int tileKeys,
      int count,
      int wide,
      long packed,
      long base,
      MemorySegment scratch) {
    for (int i = 0; i < tileKeys; i += ROWS) {
      long panel = packed + 4L * (firstKey + i / PANEL * PANEL) * d + 4L * (i % PANEL);
      LOOPS.product(scratch, panel, base + QUERY, queryPanel(), d, base + i * ROW, ROW, wide);
    }
    if (causal && firstKey + tileKeys - 1 > firstQuery) {
      for (int i = 0; i < tileKeys; i++) {
        int hidden = Math.min(wide, firstKey + i - firstQuery);
        for (int j = 0; j < hidden; j++) {
          scratch.set(FLOAT, base + i * ROW + 4L * j, Float.NEGATIVE_INFINITY);
        }
      }
    }
    LOOPS.softmax(scratch, base, tileKeys, wide, base + STATE);
    long values = packed + keyBytes() + firstKey * AttendLoops.COLUMNS_ROW;
    long ld = 4L * paddedD;
    for (int j = 0; j < count; j += ROWS) {
      LOOPS.product(scratch, base + 4L * j, values, valuePanel(), tileKeys, base + parts(), ld, d);
      LOOPS.accumulate(
          scratch,
          base + parts(),
          base + sums() + j * ld,
          ld,
          Math.min(ROWS, count - j),
          d,
          base + STATE + 2 * ROW + 4L * j);
    }
  }
}
