package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.kernels.catalog.KernelLaunch;
import io.github.f2d4j.kernels.catalog.Movement;
import io.github.f2d4j.kernels.catalog.StridedAxes;
import io.github.f2d4j.kernels.catalog.StridedCopy;
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
 * A convolution by cuDNN. Its channels-last kernels for tensor cores want channels and filters in
 * eights: the ends of a network, which have 3 or 4, are given zeros.
 */
final class CudnnConvolution {
  private static final System.Logger LOG = System.getLogger(CudnnConvolution.class.getName());

  /** Elements of 16 bits that tensor cores read at once. */
  private static final int UNIT = 8;

  private final Gpu gpu;
  private final Precision precision;
  private final Conv2d op;
  private final Shape x;
  private final int filters;
  private final GpuConvolution convolution;

  private CudnnConvolution(
      Gpu gpu, Precision precision, Conv2d op, Shape x, int filters, GpuConvolution convolution) {
    this.gpu = gpu;
    this.precision = precision;
    this.op = op;
    this.x = x;
    this.filters = filters;
    this.convolution = convolution;
  }

  /** Empty where cuDNN is missing or cannot do it. */
  static Optional<CudnnConvolution> of(Gpu gpu, Precision precision, Conv2d op, Shape x, Shape w) {
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
            padded(precision, x.dim(3)),
            x.dim(1),
            x.dim(2),
            padded(precision, w.dim(0)),
            w.dim(2),
            w.dim(3),
            window.top(),
            window.left(),
            window.strideH(),
            window.strideW(),
            1,
            1);
    try {
      return Optional.of(new CudnnConvolution(gpu, precision, op, x, w.dim(0), gpu.prepare(spec)));
    } catch (CudaException e) {
      LOG.log(Level.DEBUG, "{0} is computed without cuDNN: {1}", spec, e.getMessage());
      return Optional.empty();
    }
  }

  private static int padded(Precision precision, int count) {
    return precision == Precision.F32 ? count : Math.ceilDiv(count, UNIT) * UNIT;
  }

  /** Channels of the picture and of the filters, with those that are zero. */
  int channels() {
    return convolution.spec().channels();
  }

  /** Filters, with those that are zero. */
  int filters() {
    return convolution.spec().filters();
  }

  /** The work, for filters as {@link FilterRows} of these sizes, and a result of this shape. */
  Work work(Shape output) {
    int pixels = Math.toIntExact(output.elements() / output.dim(3));
    Linear ending = new Linear(gpu, precision, 1, filters, true, op.epilogue());
    boolean wideInput = channels() != x.dim(3);
    boolean wideOutput = filters() != filters;
    long sums = GpuKernel.aligned(ending.scratchBytes(pixels));
    long picture = wideInput ? bytes(x.elements() / x.dim(3) * channels()) : 0;
    long result = wideOutput ? bytes((long) pixels * filters()) : 0;
    return new Work(
        "Conv2d by cuDNN",
        sums + picture + result + convolution.workspaceBytes(),
        Map.of(),
        (in, out, scratch) -> {
          long sum = sums > 0 ? scratch : out;
          long from = in[0];
          if (wideInput) {
            from = scratch + sums;
            widened(in[0], from);
          }
          long workspace = scratch + sums + picture + result;
          if (wideOutput) {
            long wide = scratch + sums + picture;
            convolution.run(from, in[1], workspace, wide);
            columns(pixels, filters(), wide, filters, sum).forEach(gpu::launch);
            finish(ending, pixels, false, in, sum, out);
          } else {
            boolean biased = convolve(from, in, workspace, sum);
            finish(ending, pixels, biased, in, sum, out);
          }
        });
  }

  private long bytes(long elements) {
    return GpuKernel.aligned(elements * precision.bytes());
  }

  /** Whether the bias, and without an activation the residual too, was added at once. */
  private boolean convolve(long x, long[] in, long workspace, long sum) {
    long bias = MatMuls.bias(op.epilogue(), in, 2);
    if (bias == 0 || !convolution.takesBias()) {
      convolution.run(x, in[1], workspace, sum);
      return false;
    }
    long residual = plain() ? MatMuls.residual(op.epilogue(), in, 2) : 0;
    convolution.runBiased(x, in[1], workspace, bias, residual, sum);
    return true;
  }

  private boolean plain() {
    return op.epilogue().activation() == Activation.NONE;
  }

  private void finish(Linear ending, int pixels, boolean biased, long[] in, long sum, long out) {
    long bias = MatMuls.bias(op.epilogue(), in, 2);
    long residual = MatMuls.residual(op.epilogue(), in, 2);
    ending.finish(pixels, sum, biased ? 0 : bias, biased && plain() ? 0 : residual, out);
  }

  /** The picture with further channels, which are zero. */
  private void widened(long narrow, long wide) {
    int pixels = Math.toIntExact(x.elements() / x.dim(3));
    new Movement.Fill(precision.element(), Math.multiplyExact(pixels, channels()), 0)
        .launches(wide)
        .forEach(gpu::launch);
    columns(pixels, x.dim(3), narrow, channels(), wide).forEach(gpu::launch);
  }

  /** The columns that two dense matrices have in common. */
  private List<KernelLaunch> columns(int rows, int from, long source, int to, long target) {
    StridedAxes axes =
        new StridedAxes(List.of(rows, Math.min(from, to)), List.of(from, 1), List.of(to, 1));
    return new StridedCopy(precision.bytes(), axes, 0, 0).launches(source, target);
  }
}
