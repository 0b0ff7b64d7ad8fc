package io.github.f2d4j.benchmarks.peak;

import io.github.f2d4j.engine.cpu.simd.Lanes;
import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** The arithmetic peak: fused multiply-adds that never wait for memory or for each other. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@Threads(Threads.MAX)
public class PeakBenchmark {
  private static final VectorSpecies<Float> F32 = VectorLanes.F32;
  private static final int STEPS = 10_000;

  /** Latency of 4 to 5 cycles times two units a core; more would not fit in 16 registers. */
  private static final int CHAINS = 12;

  private static final double GFLOP = 2.0 * CHAINS * STEPS * Lanes.FLOATS / 1e9;

  private float factor = 0.999f;
  private float addend = 1e-6f;

  /**
   * Independent chains of x + a·b, as the products of matrices are: the instruction overwrites its
   * addend. With x·a + b the constant b would be copied before each step, which costs a third of
   * the speed. The sums grow by a millionth a step and stay normal numbers.
   */
  @Benchmark
  public float fma(Work work) {
    FloatVector a = FloatVector.broadcast(F32, factor);
    FloatVector b = FloatVector.broadcast(F32, addend);
    FloatVector x0 = b;
    FloatVector x1 = b;
    FloatVector x2 = b;
    FloatVector x3 = b;
    FloatVector x4 = b;
    FloatVector x5 = b;
    FloatVector x6 = b;
    FloatVector x7 = b;
    FloatVector x8 = b;
    FloatVector x9 = b;
    FloatVector x10 = b;
    FloatVector x11 = b;
    for (int i = 0; i < STEPS; i++) {
      x0 = a.fma(b, x0);
      x1 = a.fma(b, x1);
      x2 = a.fma(b, x2);
      x3 = a.fma(b, x3);
      x4 = a.fma(b, x4);
      x5 = a.fma(b, x5);
      x6 = a.fma(b, x6);
      x7 = a.fma(b, x7);
      x8 = a.fma(b, x8);
      x9 = a.fma(b, x9);
      x10 = a.fma(b, x10);
      x11 = a.fma(b, x11);
    }
    work.gflop += GFLOP;
    return x0.add(x1)
        .add(x2)
        .add(x3)
        .add(x4)
        .add(x5)
        .add(x6)
        .add(x7)
        .add(x8)
        .add(x9)
        .add(x10)
        .add(x11)
        .lane(0);
  }
}
