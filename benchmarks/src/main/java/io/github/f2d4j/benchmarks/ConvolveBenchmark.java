package io.github.f2d4j.benchmarks;

import io.github.f2d4j.benchmarks.peak.Work;
import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
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

/**
 * 3×3 convolutions of the Stable Diffusion 1.x UNet and VAE at 512×512. The arithmetic counted is
 * that of the direct form, so an algorithm with fewer multiplications can pass the peak.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class ConvolveBenchmark {
  private static final int KERNEL = 3;

  /** images x size x inputs x outputs. */
  @Param({
    "2x64x320x320",
    "2x32x640x640",
    "2x32x1280x640",
    "2x16x1280x1280",
    "2x8x1280x1280",
    "1x256x256x256"
  })
  public String shape = "";

  private CompiledFunction convolve;
  private Tensor input;
  private double gflop;

  /** Compiles the layer and checks its result. */
  @Setup
  public void prepare() {
    int[] dims = Shapes.parse(shape, 4);
    int images = dims[0];
    int size = dims[1];
    int in = dims[2];
    int out = dims[3];
    Operands operands = new Operands();
    float[] x = operands.values(images, size, size, in);
    float[] w = operands.values(out, in, KERNEL, KERNEL);
    float[] bias = operands.values(out);
    Tensor weight = Operands.parameter(w, out, in, KERNEL, KERNEL);
    Tensor biases = Operands.parameter(bias, out);
    input = Tensor.of(x, images, size, size, in);
    // As inside a model, the image stays in working memory: a result of its own would be fresh,
    // zeroed memory at each call. Only its first channel leaves.
    convolve =
        CompiledFunction.of(
            inputs ->
                List.of(inputs.getFirst().conv2d(weight, biases, Window.of(1, 1)).slice(3, 0, 1)),
            input.type());
    gflop = 2.0 * images * size * size * in * out * KERNEL * KERNEL / 1e9;
    new ConvolveCheck(images, size, in, out, ConvolveCheck.algorithm(size, in, out))
        .check(x, w, bias, input.conv2d(weight, biases, Window.of(1, 1)).toFloats());
  }

  /** Stride 1, padding 1, with bias. */
  @Benchmark
  public List<Tensor> convolve(Work work) {
    work.gflop += gflop;
    return convolve.call(input);
  }
}
