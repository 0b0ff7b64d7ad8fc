package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.backend.Region;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Lets runs in until the pipeline is closed, and closes once those inside have left. */
final class PipelineLife {
  private final @Nullable Region region;
  private final Runnable atClose;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();

  /** How deep each thread is inside; a listener may call the pipeline again. */
  private final Map<Thread, Integer> running = new HashMap<>();

  /** Backends that have run something here: they keep working memory. */
  private final Set<Backend> backends = Collections.newSetFromMap(new WeakHashMap<>());

  private boolean closed;
  private volatile boolean cancelling;

  /**
   * A life that has not ended.
   *
   * @param region freed at the end; null if the weights are not the pipeline's
   * @param atClose forgets what was compiled
   */
  PipelineLife(@Nullable Region region, Runnable atClose) {
    this.region = region;
    this.atClose = atClose;
  }

  /** One run inside. */
  interface Run extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Begins a run of this thread.
   *
   * @throws IllegalStateException if the pipeline is closed
   */
  Run enter() {
    lock.lock();
    try {
      Thread thread = Thread.currentThread();
      if (closed && !running.containsKey(thread)) {
        throw new IllegalStateException(
            "this pipeline is closed; load the model again with Face2DiffusionPipeline.load");
      }
      running.merge(thread, 1, Integer::sum);
      backends.add(Backends.current());
      return this::leave;
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      running.computeIfPresent(Thread.currentThread(), (t, depth) -> depth == 1 ? null : depth - 1);
      left.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether runs are to end at their next step, because whoever closes was interrupted. */
  boolean isCancelling() {
    return cancelling;
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Lets nobody in any more, waits for those inside, and frees. */
  void close() {
    boolean interrupted = awaitEmpty();
    if (region != null) {
      region.close();
    }
    atClose.run();
    backends.forEach(Backend::trim);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean awaitEmpty() {
    boolean interrupted = false;
    lock.lock();
    try {
      if (running.containsKey(Thread.currentThread())) {
        throw new IllegalStateException(
            "a pipeline cannot be closed from inside one of its own runs, which it would wait for;"
                + " let the listener's isCancelled end the run, and close after it");
      }
      closed = true;
      while (!running.isEmpty()) {
        try {
          left.await();
        } catch (InterruptedException e) {
          interrupted = true;
          cancelling = true;
        }
      }
    } finally {
      lock.unlock();
    }
    return interrupted;
  }
}
