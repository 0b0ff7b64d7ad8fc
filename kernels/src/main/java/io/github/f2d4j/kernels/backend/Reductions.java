package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.op.ConvolveOp.Pool2d;
import io.github.f2d4j.engine.op.MovementOp.Expand;
import io.github.f2d4j.engine.op.ReduceOp;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.kernels.catalog.Reduction;
import io.github.f2d4j.kernels.catalog.StridedCopy;
import io.github.f2d4j.kernels.device.Gpu;
import java.util.List;
import java.util.Map;

/** Compiles the operators of {@link ReduceOp}, and pooling. */
final class Reductions {
  private Reductions() {}

  static Work compile(Gpu gpu, Precision precision, ReduceOp op, Shape x, TensorType output) {
    return switch (op) {
      case ReduceOp.Reduce r -> reduce(gpu, precision, r, x, output);
    };
  }

  private static Work reduce(
      Gpu gpu, Precision precision, ReduceOp.Reduce op, Shape x, TensorType output) {
    if (output.shape().elements() == 0) {
      return Work.of("Reduce", (in, out, scratch) -> {});
    }
    List<Reduction.Reduce> steps = Reduction.of(precision.element(), op, x);
    if (steps.isEmpty()) {
      StridedCopy copy = StridedCopy.expand(precision.bytes(), x, new Expand(x));
      return Work.of(
          "Reduce", (in, out, scratch) -> copy.launches(in[0], out).forEach(gpu::launch));
    }
    // What one step writes the next one reads; the last writes the result.
    long largest = steps.stream().mapToLong(s -> (long) s.outer() * s.inner()).max().orElse(0);
    long half = GpuKernel.aligned(largest * precision.bytes());
    return new Work(
        "Reduce",
        steps.size() > 1 ? 2 * half : 0,
        Map.of(),
        (in, out, scratch) -> {
          long from = in[0];
          for (int i = 0; i < steps.size(); i++) {
            long to = i == steps.size() - 1 ? out : scratch + i % 2 * half;
            steps.get(i).launches(from, to).forEach(gpu::launch);
            from = to;
          }
        });
  }

  static Work pool(
      Gpu gpu, Precision precision, Pool2d op, List<Operand> inputs, TensorType output) {
    Shape x = inputs.getFirst().type().shape();
    if (output.shape().elements() == 0) {
      return Work.of("Pool2d", (in, out, scratch) -> {});
    }
    var launch =
        new Reduction.Pool(
            precision.element(),
            op.kind(),
            x.dim(0),
            x.dim(1),
            x.dim(2),
            x.dim(3),
            output.shape().dim(1),
            output.shape().dim(2),
            op.kernelH(),
            op.kernelW(),
            op.window().strideH(),
            op.window().strideW(),
            op.window().top(),
            op.window().left());
    return Work.of(
        "Pool2d", (in, out, scratch) -> launch.launches(in[0], out).forEach(gpu::launch));
  }
}
