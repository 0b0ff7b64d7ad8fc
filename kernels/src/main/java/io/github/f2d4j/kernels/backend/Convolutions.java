package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.kernels.device.Gpu;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compiles {@link Conv2d}: a 1×1 convolution is a matrix product; others are cuDNN's, or a product
 * over windows laid out as rows where cuDNN is missing or cannot do them.
 */
final class Convolutions {
  private Convolutions() {}

  static Work compile(
      Gpu gpu, Precision precision, Conv2d op, List<Operand> inputs, TensorType output) {
    Shape x = inputs.get(0).type().shape();
    Shape w = inputs.get(1).type().shape();
    int taps = w.dim(2) * w.dim(3);
    if (taps == 1 && op.window().equals(Window.of(1, 0)) && op.groups() == 1) {
      return pointwise(gpu, precision, op, x, w);
    }
    FilterRows plain = FilterRows.of(gpu, precision, inputs.get(1).type(), op.groups());
    Optional<CudnnConvolution> cudnn = CudnnConvolution.of(gpu, precision, op, x, w);
    FilterRows rows = cudnn.map(c -> plain.padded(c.filters(), c.channels())).orElse(plain);
    Work work =
        cudnn
            .map(c -> c.work(output.shape()))
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
