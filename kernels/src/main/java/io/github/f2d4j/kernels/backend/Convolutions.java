package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec.Layout;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec.MathType;
import io.github.f2d4j.kernels.device.Gpu;
import io.github.f2d4j.kernels.device.GpuConvolution;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.setup.CudaMode;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compiles {@link Conv2d}: a 1×1 convolution is a matrix product; others are cuDNN's, or a product
 * over windows laid out as rows where cuDNN is missing or cannot do them.
 */
final class Convolutions {
  private static final System.Logger LOG = System.getLogger(Convolutions.class.getName());

  private Convolutions() {}

  static Work compile(
      Gpu gpu, Precision precision, Conv2d op, List<Operand> inputs, TensorType output) {
    Shape x = inputs.get(0).type().shape();
    Shape w = inputs.get(1).type().shape();
    int taps = w.dim(2) * w.dim(3);
    if (taps == 1 && op.window().equals(Window.of(1, 0)) && op.groups() == 1) {
      return pointwise(gpu, precision, op, x, w);
    }
    FilterRows rows = FilterRows.of(gpu, precision, inputs.get(1).type(), op.groups());
    Work work =
        viaCudnn(gpu, precision, op, x, w)
            .map(convolution -> viaCudnn(gpu, precision, op, convolution, output.shape()))
            .orElseGet(() -> WindowRows.compile(gpu, precision, op, x, w, output.shape()));
    return inputs.get(1).constant() ? packed(work, rows) : arranged(work, rows, precision);
  }

  private static Work pointwise(Gpu gpu, Precision precision, Conv2d op, Shape x, Shape w) {
    Linear linear = new Linear(gpu, precision, w.dim(1), w.dim(0), true, op.epilogue());
    int rows = Math.toIntExact(x.elements() / Math.max(1, w.dim(1)));
    return new Work(
        "Conv2d as a product",
        linear.scratchBytes(rows),
        Map.of(),
        (in, out, scratch) ->
            linear.run(
                rows,
                in[0],
                in[1],
                MatMuls.bias(op.epilogue(), in, 2),
                MatMuls.residual(op.epilogue(), in, 2),
                out,
                scratch));
  }

  private static Optional<GpuConvolution> viaCudnn(
      Gpu gpu, Precision precision, Conv2d op, Shape x, Shape w) {
    Window window = op.window();
    boolean possible =
        gpu.mode().convolutions() == CudaMode.Convolutions.CUDNN
            && op.groups() == 1
            && window.top() == window.bottom()
            && window.left() == window.right()
            && x.elements() > 0;
    if (!possible) {
      return Optional.empty();
    }
    ConvolutionSpec spec =
        new ConvolutionSpec(
            precision.convolution(),
            Layout.NHWC,
            precision == Precision.F32 ? MathType.FULL_FLOAT32 : MathType.TENSOR_CORES,
            x.dim(0),
            x.dim(3),
            x.dim(1),
            x.dim(2),
            w.dim(0),
            w.dim(2),
            w.dim(3),
            window.top(),
            window.left(),
            window.strideH(),
            window.strideW(),
            1,
            1);
    try {
      return Optional.of(gpu.prepare(spec));
    } catch (CudaException e) {
      LOG.log(Level.DEBUG, "{0} is computed without cuDNN: {1}", spec, e.getMessage());
      return Optional.empty();
    }
  }

  private static Work viaCudnn(
      Gpu gpu, Precision precision, Conv2d op, GpuConvolution convolution, Shape output) {
    int filters = convolution.spec().filters();
    boolean plain = op.epilogue().activation() == Activation.NONE;
    int pixels = Math.toIntExact(output.elements() / output.dim(3));
    Linear ending = new Linear(gpu, precision, 1, filters, true, op.epilogue());
    long sums = GpuKernel.aligned(ending.scratchBytes(pixels));
    return new Work(
        "Conv2d by cuDNN",
        sums + convolution.workspaceBytes(),
        Map.of(),
        (in, out, scratch) -> {
          long bias = MatMuls.bias(op.epilogue(), in, 2);
          long residual = MatMuls.residual(op.epilogue(), in, 2);
          long sum = sums > 0 ? scratch : out;
          boolean fused = bias != 0 && convolution.takesBias();
          if (fused) {
            long z = plain ? residual : 0;
            convolution.runBiased(in[0], in[1], scratch + sums, bias, z, sum);
          } else {
            convolution.run(in[0], in[1], scratch + sums, sum);
          }
          ending.finish(pixels, sum, fused ? 0 : bias, fused && plain ? 0 : residual, out);
        });
  }

  private static Work packed(Work work, Packing rows) {
    return new Work(work.name(), work.scratchBytes(), Map.of(1, rows), work.body());
  }

  /** For a filter that is no constant: its rows are laid out anew in every run. */
  private static Work arranged(Work work, FilterRows rows, Precision precision) {
    long before = GpuKernel.aligned(rows.elements() * precision.bytes());
    return new Work(
        work.name(),
        before + work.scratchBytes(),
        Map.of(),
        (in, out, scratch) -> {
          rows.arrange(in[1], scratch);
          long[] changed = in.clone();
          changed[1] = scratch;
          work.body().run(changed, out, scratch + before);
        });
  }
}
