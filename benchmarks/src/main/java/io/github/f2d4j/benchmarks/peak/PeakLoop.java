package io.github.f2d4j.benchmarks.peak;

import io.github.f2d4j.engine.cpu.pool.WorkPool;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** The loop of {@link PeakBenchmark} in bursts on all threads of the engine's pool. */
public final class PeakLoop {
  private static final int CALLS = 32;

  /**
   * {@link PeakBenchmark#fma}. A handle that is no constant is never inlined: within another loop
   * the peak's loop is compiled to half its speed.
   */
  private MethodHandle fma;

  /** Keeps the results alive. */
  private volatile float sink;

  /** Without a burst so far: the first ones also compile. */
  public PeakLoop() {
    try {
      fma =
          MethodHandles.lookup()
              .findVirtual(
                  PeakBenchmark.class, "fma", MethodType.methodType(float.class, Work.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Billions of operations a second over at least {@code nanos}. */
  public double gflops(long nanos) {
    double gflop = 0;
    long start = System.nanoTime();
    long spent;
    do {
      gflop += once();
      spent = System.nanoTime() - start;
    } while (spent < nanos);
    return gflop / spent * 1e9;
  }

  /** Runs a few milliseconds on every thread; returns the billions of operations done. */
  public double once() {
    WorkPool pool = WorkPool.shared();
    int tasks = 4 * pool.threads();
    Work[] parts = new Work[tasks];
    pool.parallel(tasks, task -> parts[task] = loop());
    double gflop = 0;
    for (Work part : parts) {
      gflop += part.gflop;
    }
    if (Float.isNaN(sink)) {
      throw new IllegalStateException("the peak's loop gave NaN");
    }
    return gflop;
  }

  private Work loop() {
    Work work = new Work();
    PeakBenchmark peak = new PeakBenchmark();
    try {
      for (int i = 0; i < CALLS; i++) {
        sink = (float) fma.invokeExact(peak, work);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("the peak's loop failed", e);
    }
    return work;
  }
}
