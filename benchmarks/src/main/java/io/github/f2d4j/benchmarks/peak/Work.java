package io.github.f2d4j.benchmarks.peak;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Counts arithmetic; JMH reports {@link #gflop} per second, summed over threads. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Work {
  /** Billions of float32 additions and multiplications done so far. */
  public double gflop;

  /** Starts an iteration. */
  @Setup(Level.Iteration)
  public void reset() {
    gflop = 0;
  }
}
