package io.github.f2d4j.benchmarks;

import io.github.f2d4j.benchmarks.peak.Work;
import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import java.util.List;
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

/** Linear layers of the Stable Diffusion 1.x UNet at 512×512, with and without guidance's pair. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class MatMulBenchmark {
  /** rows x inputs x outputs: projections, feed-forward in and out, and the text's keys. */
  @Param({
    "8192x320x320",
    "8192x320x2560",
    "8192x1280x320",
    "2048x640x640",
    "2048x640x5120",
    "512x1280x1280",
    "512x1280x10240",
    "128x1280x1280",
    "154x768x320"
  })
  public String shape = "";

  /** Where the product goes. */
  public enum Result {
    /** Working memory, as inside a model; only its first column leaves. */
    INNER,
    /** Memory of its own, fresh and zeroed at each call. */
    OWN
  }

  /** As inside a model, unless asked for. */
  @Param("INNER")
  public Result result = Result.INNER;

  private CompiledFunction linear;
  private Tensor input;
  private double gflop;

  /** Compiles the layer and checks its result. */
  @Setup
  public void prepare() {
    int[] dims = Shapes.parse(shape, 3);
    int rows = dims[0];
    int in = dims[1];
    int out = dims[2];
    Operands operands = new Operands();
    float[] x = operands.values(rows, in);
    float[] w = operands.values(out, in);
    float[] bias = operands.values(out);
    Tensor weight = Operands.parameter(w, out, in);
    Tensor biases = Operands.parameter(bias, out);
    input = Tensor.of(x, 1, rows, in);
    linear =
        CompiledFunction.of(
            inputs -> {
              Tensor product = inputs.getFirst().linear(weight, biases);
              return List.of(result == Result.OWN ? product : product.slice(2, 0, 1));
            },
            input.type());
    gflop = 2.0 * rows * in * out / 1e9;
    operands.check(
        input.linear(weight, biases).toFloats(),
        (element, sum) -> {
          int row = element / out;
          int column = element % out;
          for (int k = 0; k < in; k++) {
            sum.add(x[row * in + k], w[column * in + k]);
          }
          sum.finish(bias[column]);
        });
  }

  /** x·Wᵀ + bias. */
  @Benchmark
  public List<Tensor> linear(Work work) {
    work.gflop += gflop;
    return linear.call(input);
  }
}
