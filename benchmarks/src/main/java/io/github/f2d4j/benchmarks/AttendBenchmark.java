package io.github.f2d4j.benchmarks;

import io.github.f2d4j.benchmarks.compare.Contender.Prepared;
import io.github.f2d4j.benchmarks.compare.F2dContender;
import io.github.f2d4j.benchmarks.compare.Values;
import io.github.f2d4j.benchmarks.compare.Workload.Attend;
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

/** Attention of the Stable Diffusion 1.x UNet and VAE at 512×512. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class AttendBenchmark {
  private static final int SAMPLES = 100;
  private static final double TOLERANCE = 1e-5;

  /** images x heads x queries x keys x width: self, to the text, and the decoder's. */
  @Param({
    "2x8x4096x4096x40",
    "2x8x1024x1024x80",
    "2x8x256x256x160",
    "2x8x4096x77x40",
    "2x8x1024x77x80",
    "2x8x256x77x160",
    "1x1x4096x4096x512"
  })
  public String shape = "";

  private Prepared attention;
  private double gflop;

  /** Compiles the operator and checks its result. */
  @Setup
  public void prepare() {
    int[] dims = Shapes.parse(shape, 5);
    Attend workload = new Attend(dims[0], dims[1], dims[2], dims[3], dims[4]);
    attention = F2dContender.prepare(workload);
    gflop = workload.gflop();
    check(workload, attention.result());
  }

  /** Compares random elements with double-precision sums. */
  private static void check(Attend w, float[] result) {
    int width = w.heads() * w.width();
    float[] q = Values.input(w, "q", (long) w.images() * w.queries() * width);
    float[] k = Values.input(w, "k", (long) w.images() * w.keys() * width);
    float[] v = Values.input(w, "v", (long) w.images() * w.keys() * width);
    RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
    for (int s = 0; s < SAMPLES; s++) {
      int index = random.nextInt(result.length);
      int channel = index % width;
      int token = index / width;
      int image = token / w.queries();
      int head = channel / w.width();
      double sum = 0;
      double weighted = 0;
      for (int j = 0; j < w.keys(); j++) {
        int key = (image * w.keys() + j) * width;
        double score = 0;
        for (int c = head * w.width(); c < (head + 1) * w.width(); c++) {
          score += (double) q[token * width + c] * k[key + c];
        }
        double e = Math.exp(score / Math.sqrt(w.width()));
        sum += e;
        weighted += e * v[key + channel];
      }
      Near.require(index, result[index], weighted / sum, TOLERANCE);
    }
  }

  /** Softmax(QKᵀ/√d)V. */
  @Benchmark
  public void attend(Work work) {
    work.gflop += gflop;
    attention.run();
  }
}
