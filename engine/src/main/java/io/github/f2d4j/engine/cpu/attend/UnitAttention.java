package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.Precision;
import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.cpu.multiply.Multiplier;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * {@link AttentionKernel} on the processor's matrix unit.
 *
 * <p>Nothing but keys is turned: a strip of queries and a tile of keys give scores [queries, keys],
 * whose rows' powers are the left operand of the second product, with values [keys, d] on the
 * right. Only the number of keys in a tile shows in the bits.
 */
final class UnitAttention {
  /** Rows of a strip of queries. */
  static final int ROWS = Amx.ROWS;

  /** Columns that the unit's operand of b has at least. */
  static final int GROUP = 16;

  /** Channels of a head from which on float32 is faster here than on vectors. */
  private static final int WIDE = 256;

  /** Keys in a tile: their scores should stay in the first-level cache, and sums rest long. */
  private static final int TILE_KEYS = 256;

  /** Most queries of a task: so many make packing a tile of keys cheap. */
  private static final int MAX_QUERIES = 2048;

  /** Fewest queries of a task, unless there are no more. */
  private static final int MIN_QUERIES = 64;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final AttendLayout layout;
  private final int queries;
  private final int keys;
  private final int d;
  private final float scale;
  private final int tileKeys;

  UnitAttention(AttendLayout layout, float scale) {
    this.layout = layout;
    queries = layout.queries();
    keys = layout.keys();
    d = layout.d();
    this.scale = scale;
    tileKeys = Math.min(keys, TILE_KEYS);
  }

  /**
   * Whether attention of this size is computed here. Causal attention leaves out single keys. In
   * float32 heads must be wide: with narrow ones scores and powers, which are to be split into
   * digits, take longer than vectors take for the products.
   */
  static boolean fits(AttendLayout layout, boolean causal) {
    int fewer = Math.min(layout.queries(), layout.keys());
    boolean wide = Amx.precision() == Precision.MEDIUM || layout.d() >= WIDE;
    return !causal && wide && Multiplier.of(fewer) == Multiplier.AMX;
  }

  /** Queries of a task: many, but about three tasks for each thread. */
  private int taskQueries(WorkPool pool) {
    int wanted = pool.threads() == 1 ? 1 : 3 * pool.threads();
    int size = MAX_QUERIES;
    while (size > MIN_QUERIES && (long) layout.allHeads() * Math.ceilDiv(queries, size) < wanted) {
      size /= 2;
    }
    return Math.min(size, queries);
  }

  /** Computes softmax(scale·q·kᵀ)·v into {@code y}. */
  void run(WorkPool pool, MemorySegment q, MemorySegment k, MemorySegment v, MemorySegment y) {
    int size = taskQueries(pool);
    int blocks = Math.ceilDiv(queries, size);
    pool.parallel(
        layout.allHeads() * blocks,
        t -> {
          UnitScratch s = UnitScratch.take(d, tileKeys, size);
          try {
            new Task(t / blocks, t % blocks * size, size, s).run(q, k, v, y);
          } finally {
            s.give();
          }
        });
  }

  /** One block of queries of one head against all its keys. */
  private final class Task {
    private final int head;
    private final int first;
    private final int count;
    private final UnitScratch s;

    /** Columns of a strip's sums, d rounded up. */
    private final int width = Math.ceilDiv(d, GROUP) * GROUP;

    Task(int head, int first, int size, UnitScratch s) {
      this.head = head;
      this.first = first;
      count = Math.min(size, queries - first);
      this.s = s;
    }

    void run(MemorySegment q, MemorySegment k, MemorySegment v, MemorySegment y) {
      int strips = Math.ceilDiv(count, ROWS);
      for (int strip = 0; strip < strips; strip++) {
        packQueries(q, strip);
      }
      Arrays.fill(s.shift, 0, count, FloatMath.exp2Shift(0f));
      Arrays.fill(s.reference, 0, count, 0f);
      Arrays.fill(s.sum, 0, count * GROUP, 0f);
      for (int key = 0; key < keys; key += tileKeys) {
        int length = Math.min(tileKeys, keys - key);
        packKeys(k, key, length);
        packValues(v, key, length);
        for (int strip = 0; strip < strips; strip++) {
          step(strip, key, length);
        }
      }
      for (int strip = 0; strip < strips; strip++) {
        store(strip, y);
      }
    }

    private int rows(int strip) {
      return Math.min(ROWS, count - strip * ROWS);
    }

    /** Scaled queries; scores come out in units of log₂. */
    private void packQueries(MemorySegment q, int strip) {
      float factor = scale * FloatMath.LOG2_E;
      int pitch = UnitScratch.pitch(d);
      Arrays.fill(s.rows, 0, ROWS * pitch, 0f);
      for (int r = 0; r < rows(strip); r++) {
        long at = layout.query(head, first + strip * ROWS + r);
        MemorySegment.copy(q, FLOAT, at, s.rows, r * pitch, d);
        for (int i = r * pitch; i < r * pitch + d; i++) {
          s.rows[i] *= factor;
        }
      }
      s.scoring.strip(strip, s.rows, pitch, d);
    }

    /** Keys as columns [d, keys]. */
    private void packKeys(MemorySegment k, int from, int length) {
      int end = UnitScratch.padded(d) * Amx.COLUMNS;
      for (int panel = 0; panel * Amx.COLUMNS < length; panel++) {
        int some = Math.min(Amx.COLUMNS, length - panel * Amx.COLUMNS);
        Arrays.fill(s.columns, some < Amx.COLUMNS ? 0 : d * Amx.COLUMNS, end, 0f);
        for (int j = 0; j < some; j++) {
          long at = layout.key(head, from + panel * Amx.COLUMNS + j);
          MemorySegment.copy(k, FLOAT, at, s.row, 0, d);
          for (int i = 0; i < d; i++) {
            s.columns[i * Amx.COLUMNS + j] = s.row[i];
          }
        }
        s.scoring.panel(panel, s.columns, d);
      }
    }

    /** Values as they lie, [keys, d]. */
    private void packValues(MemorySegment v, int from, int length) {
      int end = UnitScratch.padded(length) * Amx.COLUMNS;
      for (int panel = 0; panel * Amx.COLUMNS < d; panel++) {
        int some = Math.min(Amx.COLUMNS, d - panel * Amx.COLUMNS);
        Arrays.fill(s.columns, some < Amx.COLUMNS ? 0 : length * Amx.COLUMNS, end, 0f);
        for (int j = 0; j < length; j++) {
          long at = layout.value(head, from + j) + 4L * panel * Amx.COLUMNS;
          MemorySegment.copy(v, FLOAT, at, s.columns, j * Amx.COLUMNS, some);
        }
        s.summing.panel(panel, s.columns, length);
      }
    }

    /** One tile of keys for one strip of queries: scores, softmax, sums. */
    private void step(int strip, int key, int length) {
      int pitch = UnitScratch.pitch(length);
      int groups = Math.ceilDiv(length, GROUP);
      s.scoring.multiplyColumns(strip, groups, d, 0, pitch, true);
      for (int r = 0; r < rows(strip); r++) {
        int query = strip * ROWS + r;
        long row = 4L * r * pitch;
        // What is behind the last key counts as infinitely far.
        fill(s.scoring.sums(), r * pitch, length, groups * GROUP, SoftmaxState.HIDDEN);
        int sum = query * GROUP;
        int tile = s.sum.length - GROUP;
        if (!VectorAttend.softmaxRow(
            s.scoring.sums(), s.powers, row, groups * GROUP, s.shift[query], s.sum, sum, tile)) {
          move(strip, r, pitch, length, key);
        }
        fill(s.powers, r * pitch, length, UnitScratch.padded(length), 0f);
      }
      s.summing.strip(0, s.powers, 0, 4L * pitch, rows(strip), length);
      int at = strip * ROWS * width;
      s.summing.multiplyColumns(0, width / GROUP, length, at, width, key == 0);
    }

    private static void fill(MemorySegment floats, int row, int from, int to, float value) {
      for (int i = from; i < to; i++) {
        floats.set(FLOAT, 4L * (row + i), value);
      }
    }

    /** The sum of a query's powers so far. */
    private float sum(int query) {
      float sum = 0;
      for (int i = query * GROUP; i < (query + 1) * GROUP; i++) {
        sum += s.sum[i];
      }
      return sum;
    }

    /** Finishes the softmax of a row whose sum is not fit, as {@link SoftmaxState} says. */
    private void move(int strip, int r, int pitch, int length, int key) {
      int query = strip * ROWS + r;
      s.scoring.read(r * pitch, length, s.row, 0);
      SoftmaxState.Moved moved =
          SoftmaxState.move(s.row, 0, 1, length, s.row, sum(query), s.reference[query]);
      MemorySegment.copy(s.row, 0, s.powers, FLOAT, 4L * r * pitch, length);
      s.shift[query] = moved.shift();
      s.reference[query] = moved.reference();
      Arrays.fill(s.sum, query * GROUP, (query + 1) * GROUP, 0f);
      s.sum[query * GROUP] = moved.sum();
      if (key > 0) {
        int at = (strip * ROWS + r) * width;
        s.summing.read(at, width, s.row, 0);
        for (int i = 0; i < width; i++) {
          s.row[i] *= moved.factor();
        }
        s.summing.write(s.row, at, width);
      }
    }

    /** Divides by the sums. */
    private void store(int strip, MemorySegment y) {
      for (int r = 0; r < rows(strip); r++) {
        int query = strip * ROWS + r;
        float factor = 1f / sum(query);
        s.summing.read(query * width, d, s.row, 0);
        for (int i = 0; i < d; i++) {
          s.row[i] *= factor;
        }
        MemorySegment.copy(s.row, 0, y, FLOAT, layout.result(head, first + query), d);
      }
    }
  }
}
