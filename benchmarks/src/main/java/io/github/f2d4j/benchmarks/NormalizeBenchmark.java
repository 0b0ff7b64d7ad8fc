package io.github.f2d4j.benchmarks;

import io.github.f2d4j.benchmarks.compare.Contender.Prepared;
import io.github.f2d4j.benchmarks.compare.F2dContender;
import io.github.f2d4j.benchmarks.compare.Values;
import io.github.f2d4j.benchmarks.compare.Workload;
import io.github.f2d4j.benchmarks.compare.Workload.GroupNormSilu;
import io.github.f2d4j.benchmarks.compare.Workload.LayerNorm;
import io.github.f2d4j.benchmarks.peak.Work;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Normalisations of the Stable Diffusion 1.x UNet and VAE at 512×512. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class NormalizeBenchmark {
  private static final int SAMPLES = 50;
  private static final int GROUPS = 32;
  private static final double EPS = 1e-5;
  private static final double TOLERANCE = 1e-5;

  /** What is normalised, as {@link Workload#parse} reads it. */
  @Param({
    "groupnorm-silu 2x64x320",
    "groupnorm-silu 2x64x960",
    "groupnorm-silu 2x32x640",
    "groupnorm-silu 2x8x1280",
    "groupnorm-silu 1x512x128",
    "layernorm 8192x320",
    "layernorm 2048x640",
    "layernorm 512x1280"
  })
  public String shape = "";

  private Prepared norm;
  private double gflop;

  /** Compiles the operator and checks its result. */
  @Setup
  public void prepare() {
    Workload workload = Workload.parse(shape);
    norm = F2dContender.prepare(workload);
    gflop = workload.gflop();
    float[] result = norm.result();
    switch (workload) {
      case GroupNormSilu w ->
          check(w, result, w.channels(), w.channels() / GROUPS, w.size() * w.size(), true);
      case LayerNorm w -> check(w, result, w.channels(), w.channels(), 1, false);
      default -> throw new IllegalArgumentException(shape + " is no normalisation");
    }
  }

  /**
   * Compares random elements with double-precision sums.
   *
   * @param span channels that are normalised together
   * @param pixels rows that are
   */
  private static void check(
      Workload w, float[] result, int channels, int span, int pixels, boolean silu) {
    float[] x = Values.input(w, "x", result.length);
    float[] scale = Values.scale(w, channels);
    float[] shift = Values.bias(w, channels);
    RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
    for (int s = 0; s < SAMPLES; s++) {
      int index = random.nextInt(result.length);
      int channel = index % channels;
      int start = index / channels / pixels * pixels * channels + channel / span * span;
      double sum = 0;
      double squares = 0;
      for (int p = 0; p < pixels; p++) {
        for (int c = 0; c < span; c++) {
          double value = x[start + p * channels + c];
          sum += value;
          squares += value * value;
        }
      }
      double n = (double) pixels * span;
      double mean = sum / n;
      double deviation = Math.sqrt(squares / n - mean * mean + EPS);
      double y = (x[index] - mean) / deviation * scale[channel] + shift[channel];
      Near.require(index, result[index], silu ? y / (1 + Math.exp(-y)) : y, TOLERANCE);
    }
  }

  /** Group normalisation with SiLU, or layer normalisation. */
  @Benchmark
  public void normalize(Work work) {
    work.gflop += gflop;
    norm.run();
  }
}
