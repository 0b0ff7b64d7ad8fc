package io.github.f2d4j.engine.cpu.pool;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs parallel loops on persistent daemon threads.
 *
 * <p>The calling thread works too, so a pool of {@code n} threads owns {@code n - 1}. Task indices
 * are handed out one at a time in ascending order; which thread runs which is not defined, so a
 * body must make its result depend on the index alone. Several callers may use one pool at the same
 * time, and a body may itself call {@link #parallel}: a caller only ever waits for tasks that other
 * threads are already running, never for a free thread.
 */
public final class WorkPool implements AutoCloseable {
  /** Name of the system property with the thread count of {@link #shared()}. */
  public static final String PROPERTY = "f2d4j.threads";

  /**
   * Polls before a thread parks, some 20 µs: longer than the gap between two kernels of one plan,
   * short enough to leave the processor to others between two plans.
   */
  private static final int SPINS = 500;

  private static final AtomicInteger POOLS = new AtomicInteger();

  private final ConcurrentLinkedQueue<Loop> loops = new ConcurrentLinkedQueue<>();
  private final Worker[] workers;
  private volatile boolean closed;

  /**
   * A pool of {@code threads} threads, the caller included.
   *
   * @throws IllegalArgumentException if {@code threads} is below 1
   */
  public WorkPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("a work pool needs at least 1 thread, got " + threads);
    }
    int pool = POOLS.incrementAndGet();
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker("f2d4j-pool-" + pool + "-" + (i + 1));
    }
    for (Worker w : workers) {
      w.start();
    }
  }

  /**
   * The pool all plans share: as many threads as the system property {@code f2d4j.threads} says, or
   * as there are processors.
   *
   * @throws IllegalArgumentException if the property is not a positive number
   */
  public static WorkPool shared() {
    return Shared.POOL;
  }

  /** Threads that work on a loop, the caller included. */
  public int threads() {
    return workers.length + 1;
  }

  /**
   * Runs {@code body} once for each index in {@code [0, tasks)} and returns when all have finished;
   * everything the bodies wrote is then visible to the caller.
   *
   * <p>If a body throws, indices not yet handed out are skipped and the first exception is thrown
   * here, further ones added as suppressed.
   *
   * @throws IllegalArgumentException if {@code tasks} is negative
   * @throws IllegalStateException if the pool is closed
   */
  public void parallel(int tasks, IntConsumer body) {
    if (tasks < 0) {
      throw new IllegalArgumentException("a loop needs 0 or more tasks, got " + tasks);
    }
    if (closed) {
      throw new IllegalStateException("this work pool is closed; make a new one");
    }
    if (tasks <= 1 || workers.length == 0) {
      for (int i = 0; i < tasks; i++) {
        body.accept(i);
      }
      return;
    }
    Loop loop = new Loop(tasks, body);
    loops.add(loop);
    wake(tasks - 1);
    loop.help();
    loops.remove(loop);
    loop.await();
  }

  /** Unparks up to {@code wanted} parked workers. */
  private void wake(int wanted) {
    int left = wanted;
    for (Worker w : workers) {
      if (left == 0) {
        return;
      }
      // Volatile write of the queue before, volatile read here; Worker.run does it the other way
      // round, so a worker either sees the loop or is seen parked.
      if (w.parked) {
        LockSupport.unpark(w);
        left--;
      }
    }
  }

  /** The first loop that still has indices to hand out, or null. */
  private @Nullable Loop open() {
    for (Loop loop : loops) {
      if (loop.isOpen()) {
        return loop;
      }
    }
    return null;
  }

  /** Ends the pool's threads; loops in progress are finished by their callers. */
  @Override
  public void close() {
    closed = true;
    for (Worker w : workers) {
      LockSupport.unpark(w);
    }
  }

  private final class Worker extends Thread {
    volatile boolean parked;

    Worker(String name) {
      super(name);
      setDaemon(true);
    }

    @Override
    public void run() {
      int idle = 0;
      while (!closed) {
        Loop loop = open();
        if (loop != null) {
          loop.help();
          idle = 0;
        } else if (idle < SPINS) {
          idle++;
          Thread.onSpinWait();
        } else {
          parked = true;
          if (open() == null && !closed) {
            LockSupport.park(WorkPool.this);
          }
          parked = false;
          // A body that left the interrupt flag set must not turn parking into a busy loop.
          Thread.interrupted();
          idle = 0;
        }
      }
    }
  }

  /** One call of {@link #parallel}: hands out indices and counts the finished ones. */
  private static final class Loop {
    private final int tasks;
    private final IntConsumer body;
    private final Thread caller = Thread.currentThread();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger finished = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Loop(int tasks, IntConsumer body) {
      this.tasks = tasks;
      this.body = body;
    }

    boolean isOpen() {
      return next.get() < tasks;
    }

    /** Runs indices until none is left to hand out. */
    void help() {
      int i;
      // The read before the increment keeps the counter from running away past the end.
      while (isOpen() && (i = next.getAndIncrement()) < tasks) {
        try {
          if (failure.get() == null) {
            body.accept(i);
          }
        } catch (Throwable t) {
          fail(t);
        } finally {
          if (finished.incrementAndGet() == tasks && Thread.currentThread() != caller) {
            LockSupport.unpark(caller);
          }
        }
      }
    }

    @SuppressWarnings("ReferenceEquality") // a throwable must not be suppressed by itself
    private void fail(Throwable t) {
      if (!failure.compareAndSet(null, t)) {
        Throwable first = failure.get();
        if (first != null && first != t) {
          first.addSuppressed(t);
        }
      }
    }

    /** Waits for the indices that other threads hold, then throws what a body threw. */
    void await() {
      boolean interrupted = false;
      for (int spins = 0; finished.get() < tasks; spins++) {
        if (spins < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
          // Not cancellable here: a kernel must not return while others write its output.
          interrupted |= Thread.interrupted();
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      Throwable t = failure.get();
      if (t instanceof RuntimeException e) {
        throw e;
      }
      if (t instanceof Error e) {
        throw e;
      }
      if (t != null) {
        throw new IllegalStateException("a parallel loop's body threw a checked exception", t);
      }
    }
  }

  private static final class Shared {
    static final WorkPool POOL = new WorkPool(threadsFrom(System.getProperty(PROPERTY)));

    private Shared() {}
  }

  /** The thread count the property asks for, or the processor count if it is unset. */
  static int threadsFrom(@Nullable String property) {
    if (property == null || property.isBlank()) {
      return Runtime.getRuntime().availableProcessors();
    }
    try {
      int n = Integer.parseInt(property.trim());
      if (n >= 1) {
        return n;
      }
    } catch (NumberFormatException e) {
      // Falls through to the message below, which serves both cases.
    }
    throw new IllegalArgumentException(
        "system property "
            + PROPERTY
            + " is \""
            + property
            + "\"; expected a positive number of threads, or leave it unset for one per processor");
  }
}
