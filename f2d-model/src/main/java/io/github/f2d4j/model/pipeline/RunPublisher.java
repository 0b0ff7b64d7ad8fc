package io.github.f2d4j.model.pipeline;

import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what a blocking run has to say. Each subscription is a run of its own, which begins
 * with the first demand and is held up while there is none: no item is buffered, none is dropped.
 */
final class RunPublisher<T> implements Flow.Publisher<T> {
  private static final System.Logger LOG = System.getLogger(RunPublisher.class.getName());

  /** How long a held-up run takes to notice that it is abandoned. */
  private static final long POLL_MILLIS = 50;

  /** What each subscription runs. */
  interface Run<T> {
    void run(Emitter<T> out) throws Exception;
  }

  /** What a run sees of its subscriber. */
  interface Emitter<T> {
    /**
     * Hands over an item; waits for demand.
     *
     * @throws CancelledException if the subscriber wants no more
     */
    void emit(T item);

    /** Whether the subscriber wants no more. */
    boolean isCancelled();
  }

  private final Run<T> run;
  private final Executor executor;
  private final BooleanSupplier abandoned;

  /**
   * A publisher.
   *
   * @param executor runs each subscription on a thread of its own
   * @param abandoned whether to give up runs that wait for demand
   */
  RunPublisher(Run<T> run, Executor executor, BooleanSupplier abandoned) {
    this.run = run;
    this.executor = executor;
    this.abandoned = abandoned;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    Subscription subscription = new Subscription(subscriber);
    subscriber.onSubscribe(subscription);
    subscription.introduced();
  }

  /** One subscriber and its run. */
  private final class Subscription implements Flow.Subscription, Emitter<T>, Runnable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Null when nothing more may be said to it. */
    private Flow.@Nullable Subscriber<? super T> subscriber;

    private long demand;

    /** Whether onSubscribe has returned: nothing may be said before. */
    private boolean introduced;

    private boolean asked;

    /** A fault of the subscriber, to be told by the run's thread. */
    private @Nullable IllegalArgumentException fault;

    Subscription(Flow.Subscriber<? super T> subscriber) {
      this.subscriber = subscriber;
    }

    // ---- the subscriber's side

    @Override
    public void request(long n) {
      boolean start;
      lock.lock();
      try {
        if (subscriber == null) {
          return;
        }
        if (n <= 0) {
          fault = new IllegalArgumentException("requested " + n + " items; expected 1 or more");
        } else {
          demand = demand > Long.MAX_VALUE - n ? Long.MAX_VALUE : demand + n;
        }
        start = introduced && !asked;
        asked = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      if (start) {
        start();
      }
    }

    void introduced() {
      boolean start;
      lock.lock();
      try {
        introduced = true;
        start = asked && subscriber != null;
      } finally {
        lock.unlock();
      }
      if (start) {
        start();
      }
    }

    private void start() {
      try {
        executor.execute(this);
      } catch (RuntimeException e) {
        fail(e);
      }
    }

    @Override
    public void cancel() {
      detach();
    }

    /** The subscriber, which from now on hears nothing more; null if that is so already. */
    private Flow.@Nullable Subscriber<? super T> detach() {
      lock.lock();
      try {
        Flow.Subscriber<? super T> last = subscriber;
        subscriber = null;
        changed.signalAll();
        return last;
      } finally {
        lock.unlock();
      }
    }

    // ---- the run's side

    @Override
    public void run() {
      try {
        if (!isCancelled()) {
          run.run(this);
        }
        IllegalArgumentException wrong = fault();
        if (wrong != null) {
          fail(wrong);
          return;
        }
        Flow.Subscriber<? super T> last = detach();
        if (last != null) {
          last.onComplete();
        }
      } catch (Throwable e) {
        IllegalArgumentException wrong = fault();
        fail(wrong != null ? wrong : e);
      }
    }

    private void fail(Throwable e) {
      Flow.Subscriber<? super T> last = detach();
      if (last != null) {
        last.onError(e);
      } else if (!(e instanceof CancelledException)) {
        LOG.log(Level.WARNING, "A generation failed after its subscriber had left", e);
      }
    }

    private @Nullable IllegalArgumentException fault() {
      lock.lock();
      try {
        return fault;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public boolean isCancelled() {
      lock.lock();
      try {
        return subscriber == null || fault != null;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void emit(T item) {
      Flow.Subscriber<? super T> to = awaitDemand();
      try {
        to.onNext(item);
      } catch (Throwable e) {
        // The rules count this as cancelling (2.13): there is nobody left to tell.
        detach();
        LOG.log(Level.WARNING, "A subscriber threw in onNext; its generation ends", e);
        throw new CancelledException("the subscriber failed: " + e);
      }
    }

    private Flow.Subscriber<? super T> awaitDemand() {
      lock.lock();
      try {
        while (true) {
          Flow.Subscriber<? super T> to = subscriber;
          if (to == null || fault != null) {
            throw new CancelledException("the subscriber has cancelled the generation");
          }
          if (demand > 0) {
            if (demand < Long.MAX_VALUE) {
              demand--;
            }
            return to;
          }
          if (abandoned.getAsBoolean()) {
            throw new CancelledException("the pipeline is being closed");
          }
          boolean _ = changed.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancelledException("the generation was interrupted while it waited for demand");
      } finally {
        lock.unlock();
      }
    }
  }
}
