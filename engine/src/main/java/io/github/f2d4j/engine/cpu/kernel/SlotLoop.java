package io.github.f2d4j.engine.cpu.kernel;

import io.github.f2d4j.engine.cpu.pool.WorkPool;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Parallel loops whose bodies need scratch memory: each body call gets a slot below {@link #slots}
 * that no other call uses at the same time.
 */
public final class SlotLoop {
  private SlotLoop() {}

  /** One step of a loop. */
  public interface Body {
    /** Computes task {@code task} with the scratch of {@code slot}. */
    void run(int task, int slot);
  }

  /** The number of slots that {@link #run} uses at most. */
  public static int slots(WorkPool pool, int tasks) {
    return Math.max(1, Math.min(pool.threads(), tasks));
  }

  /** Runs {@code body} for every task below {@code tasks}. */
  public static void run(WorkPool pool, int tasks, Body body) {
    int slots = slots(pool, tasks);
    if (slots == 1) {
      for (int i = 0; i < tasks; i++) {
        body.run(i, 0);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    pool.parallel(
        slots,
        slot -> {
          int i;
          while ((i = next.getAndIncrement()) < tasks) {
            body.run(i, slot);
          }
        });
  }
}
