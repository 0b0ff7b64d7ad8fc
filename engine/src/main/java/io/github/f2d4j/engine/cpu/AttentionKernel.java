package io.github.f2d4j.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Attention without a score matrix: for each tile of queries the keys pass by in tiles, with the
 * online softmax of Milakov and Gimelshein (arXiv:1805.02867) as FlashAttention uses it
 * (arXiv:2205.14135).
 *
 * <p>Scores are kept transposed, [keys, queries]: maxima and sums then run down columns, vectors
 * hold neighbouring queries, and the same register tile serves q·kᵀ and p·v. Keys and values of a
 * few heads at a time are packed first: keys in panels of 12 interleaved rows, values with rows
 * padded to whole vectors. Tile sizes depend on nothing but constants, so results depend neither on
 * lanes nor on threads nor on the batch.
 */
final class AttentionKernel {
  /** Queries in a tile: a multiple of {@link AttendLoops#ROWS} and of the widest vector pair. */
  private static final int QUERIES = 96;

  /** Keys in a tile, a multiple of {@link AttendLoops#ROWS}. */
  private static final int KEYS = 48;

  /** Packed keys and values kept at once. */
  private static final long PACKED_BYTES = 1 << 24;

  private static final int PANEL = AttendLoops.ROWS;
  private static final long QUERY_ROW = 4L * QUERIES;
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
    paddedD = Math.ceilDiv(d, AttendLoops.QUERY_GRAIN) * AttendLoops.QUERY_GRAIN;
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

  // A slot's scratch: scores [KEYS, QUERIES], state [3, QUERIES], q [d, QUERIES], sums
  // [QUERIES, paddedD], one tile's part of the sums [PANEL, paddedD].
  private static final long STATE = KEYS * QUERY_ROW;
  private static final long QUERY = STATE + 3 * QUERY_ROW;

  private long sums() {
    return QUERY + d * QUERY_ROW;
  }

  private long parts() {
    return sums() + 4L * QUERIES * paddedD;
  }

  private long slotBytes() {
    return parts() + 4L * PANEL * paddedD;
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
    int blocks = Math.ceilDiv(keys, KEYS);
    for (int first = 0; first < batch * heads; first += headsAtOnce) {
      int from = first;
      int count = Math.min(headsAtOnce, batch * heads - first);
      pool.parallel(count * blocks, t -> pack(from, t / blocks, t % blocks * KEYS, k, v, scratch));
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

  private void pack(
      int from, int index, int firstKey, MemorySegment k, MemorySegment v, MemorySegment scratch) {
    long keyAt = index * packedBytes();
    long valueAt = keyAt + keyBytes();
    int end = Math.min(firstKey + KEYS, paddedKeys);
    for (int key = firstKey; key < end; key++) {
      long to = keyAt + 4L * (key / PANEL * PANEL * d + key % PANEL);
      if (key >= keys) {
        for (int i = 0; i < d; i++) {
          scratch.set(FLOAT, to + 4L * PANEL * i, 0f);
        }
        continue;
      }
      long row = rowAt(from + index, key, keys);
      for (int i = 0; i < d; i++) {
        scratch.set(FLOAT, to + 4L * PANEL * i, k.get(FLOAT, row + 4L * i));
      }
      long value = valueAt + 4L * key * paddedD;
      MemorySegment.copy(v, row, scratch, value, 4L * d);
      for (int i = d; i < paddedD; i++) {
        scratch.set(FLOAT, value + 4L * i, 0f);
      }
    }
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
    int wide = Math.ceilDiv(count, AttendLoops.QUERY_GRAIN) * AttendLoops.QUERY_GRAIN;
    loadQueries(q, rowAt(from + index, firstQuery, queries), count, wide, scratch, base);
    int end = causal ? Math.min(keys, firstQuery + count) : keys;
    long packed = index * packedBytes();
    for (int key = 0; key < end; key += KEYS) {
      step(firstQuery, key, Math.min(KEYS, keys - key), count, wide, packed, base, scratch);
    }
    long stride = 4L * heads * d;
    long to = rowAt(from + index, firstQuery, queries);
    for (int i = 0; i < count; i++) {
      float sum = scratch.get(FLOAT, base + STATE + QUERY_ROW + 4L * i);
      long at = base + sums() + 4L * i * paddedD;
      ElementwiseLoops.LOOPS.scale(scratch, at, y, to + i * stride, d, 1f / sum);
    }
  }

  /** Transposes scaled queries to [d, QUERIES] and resets maxima, sums and results. */
  private void loadQueries(
      MemorySegment q, long row, int count, int wide, MemorySegment scratch, long base) {
    float factor = scale * LOG2_E;
    long stride = 4L * heads * d;
    for (int j = 0; j < wide; j++) {
      long to = base + QUERY + 4L * j;
      for (int i = 0; i < d; i++) {
        float value = j < count ? q.get(FLOAT, row + j * stride + 4L * i) * factor : 0f;
        scratch.set(FLOAT, to + i * QUERY_ROW, value);
      }
    }
    for (int j = 0; j < QUERIES; j++) {
      scratch.set(FLOAT, base + STATE + 4L * j, Float.NEGATIVE_INFINITY);
      scratch.set(FLOAT, base + STATE + QUERY_ROW + 4L * j, 0f);
    }
    scratch.asSlice(base + sums(), 4L * QUERIES * paddedD).fill((byte) 0);
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
    for (int i = 0; i < tileKeys; i += PANEL) {
      LOOPS.product(
          scratch,
          packed + 4L * (firstKey + i) * d,
          4L * PANEL,
          scratch,
          base + QUERY,
          QUERY_ROW,
          d,
          scratch,
          base + i * QUERY_ROW,
          QUERY_ROW,
          wide);
    }
    if (causal && firstKey + tileKeys - 1 > firstQuery) {
      for (int i = 0; i < tileKeys; i++) {
        int hidden = Math.min(wide, firstKey + i - firstQuery);
        for (int j = 0; j < hidden; j++) {
          scratch.set(FLOAT, base + i * QUERY_ROW + 4L * j, Float.NEGATIVE_INFINITY);
        }
      }
    }
    LOOPS.softmax(scratch, base, QUERY_ROW, tileKeys, wide, base + STATE, QUERY_ROW);
    for (int j = 0; j < count; j += PANEL) {
      LOOPS.product(
          scratch,
          base + 4L * j,
          QUERY_ROW,
          scratch,
          packed + keyBytes() + 4L * firstKey * paddedD,
          4L * paddedD,
          tileKeys,
          scratch,
          base + parts(),
          4L * paddedD,
          d);
      for (int i = 0; i < Math.min(PANEL, count - j); i++) {
        float factor = scratch.get(FLOAT, base + STATE + 2 * QUERY_ROW + 4L * (j + i));
        LOOPS.accumulate(
            scratch,
            base + parts() + 4L * i * paddedD,
            base + sums() + 4L * (j + i) * paddedD,
            d,
            factor);
      }
    }
  }
}
