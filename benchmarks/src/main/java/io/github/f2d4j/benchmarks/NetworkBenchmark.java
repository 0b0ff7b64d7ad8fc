package io.github.f2d4j.benchmarks;

import io.github.f2d4j.benchmarks.compare.Contender.Prepared;
import io.github.f2d4j.benchmarks.compare.F2dContender;
import io.github.f2d4j.benchmarks.compare.Net;
import io.github.f2d4j.benchmarks.compare.Workload.Network;
import io.github.f2d4j.benchmarks.peak.Work;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
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

/**
 * Whole networks at full size: a denoising step, a decoding, the text encoder, the identity
 * encoders. {@code -p model=FOLDER} names a model folder; what it lacks gets random weights in the
 * folder {@code target/compare}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:MaxDirectMemorySize=16g", "--enable-native-access=ALL-UNNAMED"})
public class NetworkBenchmark {
  /** Which network. */
  @Param({"UNET", "VAE_DECODER", "TEXT_ENCODER", "MSID_VIT", "IRESNET50"})
  public Net net = Net.UNET;

  /** Where its weights lie. */
  @Param("random-sd14")
  public String model = "";

  private Prepared prepared;
  private double gflop;

  /** Loads the network and checks that it gives numbers. */
  @Setup
  public void prepare() throws IOException {
    Network workload = new Network(net);
    prepared = F2dContender.prepare(workload, Path.of(model), Path.of("target/compare"));
    gflop = workload.gflop();
    for (float value : prepared.result()) {
      if (!Float.isFinite(value)) {
        throw new IllegalStateException(net + " gives " + value + ", not timed");
      }
    }
  }

  /** One call. */
  @Benchmark
  public void forward(Work work) {
    work.gflop += gflop;
    prepared.run();
  }
}
