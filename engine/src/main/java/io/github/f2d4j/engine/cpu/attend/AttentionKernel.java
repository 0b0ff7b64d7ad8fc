package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.cpu.multiply.Multiplier;
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
  private static final int COLUMNS = Tile.BEST.columns();

  /**
   * Keys in a tile, a multiple of every register tile's rows: their scores, powers and a strip of
   * values should stay in the first-level cache together.
   */
  private static final int TILE_KEYS = 60;

  /** The same for the matrix unit, for which sums wait off the heap between tiles of keys. */
  private static final int UNIT_TILE_KEYS = 384;

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

  private final int batch;
  private final int queries;
  private final int keys;
  private final int heads;
  private final int d;
  private final float scale;
  private final boolean causal;

  /** Elements from one row of q, k or v to the next. */
  private final int qPitch;

  private final int kPitch;
  private final int vPitch;

  /** How many neighbouring items of q read the same keys. */
  private final int sharing;

  /**
   * A head's channels are cut into parts that a strip can hold, of this many, the last of fewer.
   */
  private final int part;

  private final int parts;

  private final Multiplier multiplier;

  /** Rows of a strip. */
  private final int height;

  /** Strips that are multiplied at a time. */
  private final int atOnce;

  private final int tileKeys;

  /** q [batch, queries, heads·d], k and v [batch/sharing, keys, heads·d]. */
  AttentionKernel(Operand q, Operand k, Operand v, int heads, float scale, boolean causal) {
    this.batch = q.type().shape().dim(0);
    this.queries = q.type().shape().dim(1);
    this.keys = k.type().shape().dim(1);
    this.heads = heads;
    this.d = q.type().shape().dim(2) / heads;
    this.scale = scale;
    this.causal = causal;
    qPitch = q.pitch();
    kPitch = k.pitch();
    vPitch = v.pitch();
    sharing = batch / k.type().shape().dim(0);
    parts = Math.max(1, Math.ceilDiv(d, Tile.PITCH));
    part = Math.ceilDiv(d, parts);
    multiplier = multiplier();
    height = multiplier.traits().rows();
    atOnce = multiplier.traits().strips();
    int many = multiplier == Multiplier.AMX ? UNIT_TILE_KEYS : TILE_KEYS;
    tileKeys = keys <= SINGLE_TILE_KEYS ? keys : many;
  }

  /**
   * In float32 the register tile: 40 channels and the powers' parts leave the matrix unit no
   * advantage. Else the unit, if all parts have the same number of channels. Not in causal
   * attention, which leaves out keys within a tile.
   */
  private Multiplier multiplier() {
    boolean unit = !Amx.exact() && !causal && d == parts * part;
    return unit ? Multiplier.of(Math.min(queries, keys)) : Multiplier.TILE;
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
    while (size > MIN_QUERIES && (long) batch * heads * Math.ceilDiv(queries, size) < wanted) {
      size /= 2;
    }
    return Math.ceilDiv(Math.min(size, queries), COLUMNS);
  }

  private int tasks(int panels) {
    return batch * heads * Math.ceilDiv(queries, panels * COLUMNS);
  }

  /** Computes softmax(scale·q·kᵀ)·v into {@code y}. */
  void run(WorkPool pool, MemorySegment q, MemorySegment k, MemorySegment v, MemorySegment y) {
    int panels = panels(pool);
    int blocks = Math.ceilDiv(queries, panels * COLUMNS);
    pool.parallel(
        tasks(panels),
        t -> {
          AttendScratch s = AttendScratch.take(multiplier, d, part, parts, tileKeys, panels);
          try {
            new Task(t / blocks, t % blocks * panels * COLUMNS, panels, s).run(q, k, v, y);
          } finally {
            s.give();
          }
        });
  }

  /** Where row {@code row} of a head lies in q, or in y with its own pitch. */
  private long queryAt(int head, int row, int pitch) {
    return 4 * (((long) (head / heads) * queries + row) * pitch + (long) (head % heads) * d);
  }

  /** Where row {@code row} of a head lies in k or v. */
  private long keyAt(int head, int row, int pitch) {
    long item = head / heads / sharing;
    return 4 * ((item * keys + row) * pitch + (long) (head % heads) * d);
  }

  /** One block of queries of one head against all its keys. */
  private final class Task {
    private final int head;
    private final int firstQuery;
    private final int count;
    private final int panels;
    private final int strips = Math.ceilDiv(d, height);
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
            step(panel, key, length, seen);
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
      for (int panel = 0; panel < panels; panel++) {
        for (int t = 0; t < parts; t++) {
          int length = length(t);
          packQueries(q, panel * COLUMNS, t * part, length, s.scoring.columns(panel * parts + t));
          s.scoring.takeColumns(panel * parts + t, 0, length, length);
        }
        SoftmaxState.start(s.state, panel * SoftmaxState.LENGTH);
      }
    }

    /** Channels of a part. */
    private int length(int part) {
      return Math.min(AttentionKernel.this.part, d - part * AttentionKernel.this.part);
    }

    private void packQueries(MemorySegment q, int first, int from, int length, float[] to) {
      float factor = scale * FloatMath.LOG2_E;
      for (int j = 0; j < COLUMNS; j++) {
        if (first + j < count) {
          long at = queryAt(head, firstQuery + first + j, qPitch) + 4L * from;
          MemorySegment.copy(q, FLOAT, at, s.row, 0, length);
        } else {
          Arrays.fill(s.row, 0, length, 0f);
        }
        for (int i = 0; i < length; i++) {
          to[i * COLUMNS + j] = s.row[i] * factor;
        }
      }
    }

    /** Keys in strips [height, part]; rows beyond the last are 0 and their scores are not read. */
    private void packKeys(MemorySegment k, int first, int length) {
      int down = Math.ceilDiv(length, height);
      for (int t = 0; t < parts; t++) {
        int depth = length(t);
        for (int strip = 0; strip < down; strip++) {
          float[] rows = s.scoring.rows(t * down + strip);
          for (int r = 0; r < height; r++) {
            int key = strip * height + r;
            int to = r * Tile.PITCH;
            if (key < length) {
              long at = keyAt(head, first + key, kPitch) + 4L * t * part;
              MemorySegment.copy(k, FLOAT, at, rows, to, depth);
            } else {
              Arrays.fill(rows, to, to + depth, 0f);
            }
          }
          s.scoring.takeRows(t * down + strip, 0, depth, depth);
        }
      }
    }

    /** Columns of values in strips [height, keys]; rows beyond the last are 0. */
    private void packValues(MemorySegment v, int first, int length) {
      for (int j = 0; j < length; j++) {
        MemorySegment.copy(v, FLOAT, keyAt(head, first + j, vPitch), s.values, j * d, d);
      }
      for (int strip = 0; strip < strips; strip++) {
        float[] rows = s.summing.rows(strip);
        for (int r = 0; r < height; r++) {
          int channel = strip * height + r;
          int to = r * Tile.PITCH;
          if (channel < d) {
            for (int j = 0; j < length; j++) {
              rows[to + j] = s.values[j * d + channel];
            }
          } else {
            Arrays.fill(rows, to, to + length, 0f);
          }
        }
        s.summing.takeRows(strip, 0, length, length);
      }
    }

    /**
     * One tile of keys for one panel of queries: scores, softmax, sums.
     *
     * @param packed keys of the tile
     * @param length how many of them count
     */
    private void step(int panel, int key, int packed, int length) {
      score(panel, packed, length);
      int query = firstQuery + panel * COLUMNS;
      if (causal) {
        hide(query, key, length, SoftmaxState.HIDDEN);
      }
      int state = panel * SoftmaxState.LENGTH;
      int slot = panel * strips;
      float[] scores = s.scoring.sums();
      float[] p = s.summing.columns(0);
      if (!AttendLoops.BEST.softmax(scores, length, p, s.state, state)) {
        if (causal) {
          hide(query, key, length, Float.NEGATIVE_INFINITY);
        }
        SoftmaxState.move(scores, length, p, s.state, state);
        if (key > 0) {
          rescale(slot, state + SoftmaxState.FACTOR);
        }
      }
      s.summing.takeColumns(0, 0, length, length);
      for (int strip = 0; strip < strips; strip += atOnce) {
        int some = Math.min(atOnce, strips - strip);
        s.summing.multiply(strip, some, 0, length, slot + strip, key == 0);
      }
    }

    private void rescale(int slot, int factors) {
      s.summing.fetch(slot, strips);
      int at = slot * height * COLUMNS;
      AttendLoops.BEST.rescale(s.summing.sums(), at, strips * height, s.state, factors);
      s.summing.putBack(slot, strips);
    }

    private void score(int panel, int packed, int length) {
      int down = Math.ceilDiv(packed, height);
      int wanted = Math.ceilDiv(length, height);
      for (int t = 0; t < parts; t++) {
        for (int strip = 0; strip < wanted; strip += atOnce) {
          int some = Math.min(atOnce, wanted - strip);
          int from = t * down + strip;
          s.scoring.multiply(from, some, panel * parts + t, length(t), strip, t == 0);
        }
      }
      s.scoring.fetch(0, wanted);
    }

    /** Gives keys after a query a score that makes them count as infinitely far. */
    private void hide(int query, int key, int length, float score) {
      for (int i = Math.max(0, query + 1 - key); i < length; i++) {
        int hidden = Math.min(COLUMNS, key + i - query);
        Arrays.fill(s.scoring.sums(), i * COLUMNS, i * COLUMNS + hidden, score);
      }
    }

    /** Divides by the sums and turns back. */
    private void store(int panel, MemorySegment y) {
      int first = panel * COLUMNS;
      s.summing.fetch(panel * strips, strips);
      float[] sums = s.summing.sums();
      int from = panel * strips * height * COLUMNS;
      for (int j = 0; j < Math.min(COLUMNS, count - first); j++) {
        float factor = 1f / s.state[panel * SoftmaxState.LENGTH + SoftmaxState.SUM + j];
        for (int i = 0; i < d; i++) {
          s.row[i] = sums[from + i * COLUMNS + j] * factor;
        }
        long to = queryAt(head, firstQuery + first + j, heads * d);
        MemorySegment.copy(s.row, 0, y, FLOAT, to, d);
      }
    }
  }
}
