package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.amx.UnitHead;
import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.cpu.multiply.Multiplier;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * {@link AttentionKernel} on the processor's matrix unit, by {@link UnitHead}. Each query's result
 * follows from the order of the keys alone, not from how they are divided.
 */
final class UnitAttention {
  /** Bytes of keys and values at a time, which should stay in the second-level cache. */
  private static final int KEPT = 1 << 20;

  /** Most queries of a task: so many make packing keys cheap. */
  private static final int MAX_QUERIES = 2048;

  /** Fewest queries of a task, unless there are no more. */
  private static final int MIN_QUERIES = 64;

  private static final ConcurrentLinkedDeque<UnitHead> FREE = new ConcurrentLinkedDeque<>();

  private final AttendLayout layout;
  private final float scale;

  /** Keys that are taken at a time. */
  private final int some;

  UnitAttention(AttendLayout layout, float scale) {
    this.layout = layout;
    this.scale = scale;
    int blocks = Math.max(1, KEPT / UnitHead.bytesOfKey(layout.d()) / UnitHead.KEYS);
    some = Math.min(layout.keys(), blocks * UnitHead.KEYS);
  }

  /** Whether attention of this size is computed here. Causal attention leaves out single keys. */
  static boolean fits(AttendLayout layout, boolean causal) {
    int fewer = Math.min(layout.queries(), layout.keys());
    return !causal && Multiplier.of(fewer) == Multiplier.AMX && UnitHead.fits(layout.d());
  }

  /** Queries of a task: many, but about three tasks for each thread. */
  private int taskQueries(WorkPool pool) {
    int wanted = pool.threads() == 1 ? 1 : 3 * pool.threads();
    int size = MAX_QUERIES;
    while (size > MIN_QUERIES
        && (long) layout.allHeads() * Math.ceilDiv(layout.queries(), size) < wanted) {
      size /= 2;
    }
    return Math.min(size, layout.queries());
  }

  /** Computes softmax(scale·q·kᵀ)·v into {@code y}. */
  void run(WorkPool pool, MemorySegment q, MemorySegment k, MemorySegment v, MemorySegment y) {
    int size = taskQueries(pool);
    int blocks = Math.ceilDiv(layout.queries(), size);
    int strips = Math.ceilDiv(size, UnitHead.QUERIES);
    pool.parallel(
        layout.allHeads() * blocks,
        t -> {
          UnitHead head = take(strips);
          new Task(t / blocks, t % blocks * size, size, head).run(q, k, v, y);
          FREE.addFirst(head);
        });
  }

  private UnitHead take(int strips) {
    UnitHead head = FREE.pollFirst();
    if (head == null) {
      return new UnitHead(layout.d(), some, strips);
    }
    head.reserve(layout.d(), some, strips);
    return head;
  }

  /** One block of queries of one head against all its keys. */
  private final class Task {
    private final int head;
    private final int first;
    private final int count;
    private final UnitHead unit;

    Task(int head, int first, int size, UnitHead unit) {
      this.head = head;
      this.first = first;
      count = Math.min(size, layout.queries() - first);
      this.unit = unit;
    }

    void run(MemorySegment q, MemorySegment k, MemorySegment v, MemorySegment y) {
      int strips = Math.ceilDiv(count, UnitHead.QUERIES);
      for (int strip = 0; strip < strips; strip++) {
        unit.start(strip);
      }
      for (int key = 0; key < layout.keys(); key += some) {
        unit.keys(
            k,
            layout.key(head, key),
            4L * layout.kPitch(),
            v,
            layout.value(head, key),
            4L * layout.vPitch(),
            Math.min(some, layout.keys() - key));
        for (int strip = 0; strip < strips; strip++) {
          long rows = layout.query(head, query(strip));
          float factor = scale * FloatMath.LOG2_E;
          unit.attend(strip, q, rows, 4L * layout.qPitch(), rows(strip), factor);
        }
      }
      for (int strip = 0; strip < strips; strip++) {
        long rows = layout.result(head, query(strip));
        unit.results(strip, y, rows, 4L * layout.heads() * layout.d(), rows(strip));
      }
    }

    private int query(int strip) {
      return first + strip * UnitHead.QUERIES;
    }

    private int rows(int strip) {
      return Math.min(UnitHead.QUERIES, count - strip * UnitHead.QUERIES);
    }
  }
}
