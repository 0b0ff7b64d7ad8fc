package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.tile.CacheSizes;
import io.github.f2d4j.engine.cpu.tile.Tile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Attention without a score matrix: for each block of queries the keys pass by in tiles, with the
 * online softmax of Milakov and Gimelshein (arXiv:1805.02867) as FlashAttention uses it
 * (arXiv:2205.14135).
 *
 * <p>Everything is transposed, so that vectors hold neighbouring queries and nothing is turned
 * between the two products: scores [keys, queries] = k·qᵀ come out of the tile as the right operand
 * of the second product, sums [d, queries] = vᵀ·p, and maxima and sums run down columns. A task
 * packs a tile of keys and values once for its many panels of queries. Only the number of keys in a
 * tile shows in the bits, and it is fixed; so results depend neither on lanes nor on threads nor on
 * the batch.
 */
final class AttentionKernel {
  private static final Tile TILE = Tile.BEST;
  private static final int ROWS = TILE.rows();
  private static final int COLUMNS = TILE.columns();

  /**
   * Keys in a tile, a multiple of every tile's rows: their scores, powers and a strip of values
   * should stay in the first-level cache together.
   */
  private static final int TILE_KEYS = 60;

  /** So many keys are one tile: a second one of a few keys would cost more than it does good. */
  private static final int SINGLE_TILE_KEYS = 96;

  /** Queries of a task where there are enough: so many make packing a tile of keys cheap. */
  private static final int MANY_QUERIES = 512;

  /** Most queries of a task, however large the caches. */
  private static final int MAX_QUERIES = 4096;

  /** Fewest queries of a task, unless there are no more. */
  private static final int MIN_QUERIES = 64;

  /**
   * Queries that hide keys together, a multiple of every tile's columns: so a NaN among hidden
   * values shows in the same results at every lane width.
   */
  private static final int CAUSAL_GROUP = 64;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final AttendLayout layout;
  private final int queries;
  private final int keys;
  private final int d;
  private final float scale;
  private final boolean causal;

  /**
   * A head's channels are cut into parts that a strip can hold, of this many, the last of fewer.
   */
  private final int part;

  private final int parts;

  private final int tileKeys;

  AttentionKernel(AttendLayout layout, float scale, boolean causal) {
    this.layout = layout;
    queries = layout.queries();
    keys = layout.keys();
    d = layout.d();
    this.scale = scale;
    this.causal = causal;
    parts = Math.max(1, Math.ceilDiv(d, Tile.PITCH));
    part = Math.ceilDiv(d, parts);
    tileKeys = keys <= SINGLE_TILE_KEYS ? keys : TILE_KEYS;
  }

  /**
   * Panels of queries in a task: as many as take a third of the second-level cache with their
   * results, and leave each thread about three tasks.
   */
  private int panels(WorkPool pool) {
    int wanted = pool.threads() == 1 ? 1 : 3 * pool.threads();
    long floats = 2L * d + SoftmaxState.LENGTH / COLUMNS;
    long third = CacheSizes.HERE.second() / 3 / (Float.BYTES * floats);
    int size = Math.clamp(third, MANY_QUERIES, MAX_QUERIES) / COLUMNS * COLUMNS;
    while (size > MIN_QUERIES && (long) layout.allHeads() * Math.ceilDiv(queries, size) < wanted) {
      size /= 2;
    }
    return Math.ceilDiv(Math.min(size, queries), COLUMNS);
  }

  private int tasks(int panels) {
    return layout.allHeads() * Math.ceilDiv(queries, panels * COLUMNS);
  }

  /** Computes softmax(scale·q·kᵀ)·v into {@code y}. */
  void run(WorkPool pool, MemorySegment q, MemorySegment k, MemorySegment v, MemorySegment y) {
    int panels = panels(pool);
    int blocks = Math.ceilDiv(queries, panels * COLUMNS);
    pool.parallel(
        tasks(panels),
        t -> {
          AttendScratch s = AttendScratch.take(d, parts, tileKeys, panels);
          try {
            new Task(t / blocks, t % blocks * panels * COLUMNS, panels, s).run(q, k, v, y);
          } finally {
            s.give();
          }
        });
  }

  /** One block of queries of one head against all its keys. */
  private final class Task {
    private final int head;
    private final int firstQuery;
    private final int count;
    private final int panels;
    private final int strips = Math.ceilDiv(d, ROWS);
    private final AttendScratch s;

    Task(int head, int firstQuery, int maxPanels, AttendScratch s) {
      this.head = head;
      this.firstQuery = firstQuery;
      count = Math.min(maxPanels * COLUMNS, queries - firstQuery);
      panels = Math.ceilDiv(count, COLUMNS);
      this.s = s;
    }

    void run(MemorySegment q, MemorySegment k, MemorySegment v, MemorySegment y) {
      packQueries(q);
      int end = causal ? Math.min(keys, firstQuery + count) : keys;
      for (int key = 0; key < end; key += tileKeys) {
        int length = Math.min(tileKeys, end - key);
        packKeys(k, key, length);
        packValues(v, key, length);
        for (int panel = 0; panel < panels; panel++) {
          int seen = causal ? Math.min(length, seenBy(panel) - key) : length;
          if (seen > 0) {
            step(panel, key, seen);
          }
        }
      }
      for (int panel = 0; panel < panels; panel++) {
        store(panel, y);
      }
    }

    /**
     * Keys before the end of the panel's group of {@link #CAUSAL_GROUP} queries: those behind it
     * are skipped, as none of the group sees them.
     */
    private int seenBy(int panel) {
      int query = firstQuery + panel * COLUMNS;
      return (query / CAUSAL_GROUP + 1) * CAUSAL_GROUP;
    }

    /** Scaled queries in panels [part, COLUMNS]; scores come out in units of log₂. */
    private void packQueries(MemorySegment q) {
      float factor = scale * FloatMath.LOG2_E;
      for (int j = 0; j < panels * COLUMNS; j++) {
        if (j < count) {
          MemorySegment.copy(q, FLOAT, layout.query(head, firstQuery + j), s.row, 0, d);
        } else {
          Arrays.fill(s.row, 0, d, 0f);
        }
        for (int t = 0; t < parts; t++) {
          float[] panel = s.queries[j / COLUMNS * parts + t];
          int from = t * part;
          int length = Math.min(part, d - from);
          for (int i = 0; i < length; i++) {
            panel[i * COLUMNS + j % COLUMNS] = s.row[from + i] * factor;
          }
        }
      }
      for (int panel = 0; panel < panels; panel++) {
        SoftmaxState.start(s.state, panel * SoftmaxState.LENGTH);
      }
    }

    /** Keys in strips [ROWS, part]; rows beyond the last are 0 and their scores are not read. */
    private void packKeys(MemorySegment k, int first, int length) {
      for (int i = 0; i < length; i += ROWS) {
        for (int t = 0; t < parts; t++) {
          float[] strip = s.keys[i / ROWS * parts + t];
          int from = t * part;
          int depth = Math.min(part, d - from);
          for (int r = 0; r < ROWS; r++) {
            int to = r * Tile.PITCH;
            if (i + r < length) {
              long at = layout.key(head, first + i + r) + 4L * from;
              MemorySegment.copy(k, FLOAT, at, strip, to, depth);
            } else {
              Arrays.fill(strip, to, to + depth, 0f);
            }
          }
        }
      }
    }

    /** Columns of values in strips [ROWS, keys]; rows beyond the last are 0. */
    private void packValues(MemorySegment v, int first, int length) {
      for (int j = 0; j < length; j++) {
        long at = layout.value(head, first + j);
        MemorySegment.copy(v, FLOAT, at, s.row, 0, d);
        for (int strip = 0; strip < strips; strip++) {
          int from = strip * ROWS;
          int rows = Math.min(ROWS, d - from);
          float[] to = s.values[strip];
          for (int r = 0; r < rows; r++) {
            to[r * Tile.PITCH + j] = s.row[from + r];
          }
          for (int r = rows; r < ROWS; r++) {
            to[r * Tile.PITCH + j] = 0f;
          }
        }
      }
    }

    /** One tile of keys for one panel of queries: scores, softmax, sums. */
    private void step(int panel, int key, int length) {
      for (int i = 0; i < length; i += ROWS) {
        for (int t = 0; t < parts; t++) {
          float[] strip = s.keys[i / ROWS * parts + t];
          float[] query = s.queries[panel * parts + t];
          int depth = Math.min(part, d - t * part);
          TILE.multiply(strip, query, depth, s.scores, i * COLUMNS, t == 0);
        }
      }
      int query = firstQuery + panel * COLUMNS;
      if (causal) {
        hide(query, key, length, SoftmaxState.HIDDEN);
      }
      int state = panel * SoftmaxState.LENGTH;
      int at = panel * strips * ROWS * COLUMNS;
      if (!AttendLoops.BEST.softmax(s.scores, length, s.p, s.state, state)) {
        if (causal) {
          hide(query, key, length, Float.NEGATIVE_INFINITY);
        }
        SoftmaxState.move(s.scores, length, s.p, s.state, state);
        if (key > 0) {
          int factors = state + SoftmaxState.FACTOR;
          AttendLoops.BEST.rescale(s.sums, at, strips * ROWS, s.state, factors);
        }
      }
      for (int strip = 0; strip < strips; strip++) {
        int to = at + strip * ROWS * COLUMNS;
        TILE.multiply(s.values[strip], s.p, length, s.sums, to, key == 0);
      }
    }

    /** Gives keys after a query a score that makes them count as infinitely far. */
    private void hide(int query, int key, int length, float score) {
      for (int i = Math.max(0, query + 1 - key); i < length; i++) {
        int hidden = Math.min(COLUMNS, key + i - query);
        Arrays.fill(s.scores, i * COLUMNS, i * COLUMNS + hidden, score);
      }
    }

    /** Divides by the sums and turns back. */
    private void store(int panel, MemorySegment y) {
      int first = panel * COLUMNS;
      int from = panel * strips * ROWS * COLUMNS;
      for (int j = 0; j < Math.min(COLUMNS, count - first); j++) {
        float factor = 1f / s.state[panel * SoftmaxState.LENGTH + SoftmaxState.SUM + j];
        for (int i = 0; i < d; i++) {
          s.row[i] = s.sums[from + i * COLUMNS + j] * factor;
        }
        long to = layout.result(head, firstQuery + first + j);
        MemorySegment.copy(s.row, 0, y, FLOAT, to, d);
      }
    }
  }
}
