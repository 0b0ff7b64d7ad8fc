package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.op.AttendOp;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.kernels.catalog.Attention;
import io.github.f2d4j.kernels.catalog.StridedAxes;
import io.github.f2d4j.kernels.catalog.StridedCopy;
import io.github.f2d4j.kernels.device.Gpu;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Compiles the operators of {@link AttendOp}; all operands may be ranges of columns. */
final class Attentions {
  private Attentions() {}

  static Work compile(Gpu gpu, Precision precision, AttendOp op, List<Operand> inputs) {
    return switch (op) {
      case AttendOp.Attention a -> attention(gpu, precision, a, inputs);
    };
  }

  private static Work attention(
      Gpu gpu, Precision precision, AttendOp.Attention op, List<Operand> inputs) {
    Shape q = inputs.get(0).type().shape();
    Shape k = inputs.get(1).type().shape();
    int columns = q.dim(2);
    int items = Math.max(1, k.dim(0));
    int served = q.dim(0) / items;
    if (q.elements() == 0) {
      return Work.of("Attention", (in, out, scratch) -> {});
    }
    int pitchQ = inputs.get(0).pitch();
    int pitchK = inputs.get(1).pitch();
    if (pitchK != inputs.get(2).pitch()) {
      return evenly(gpu, precision, op, inputs);
    }
    // Neighbouring items that read the same keys are one item with more queries, unless a query
    // sees only keys before it.
    boolean joined = served == 1 || !op.causal();
    Attention launch =
        new Attention(
            precision.element(),
            joined ? items : 1,
            joined ? served * q.dim(1) : q.dim(1),
            k.dim(1),
            op.heads(),
            columns / op.heads(),
            pitchQ,
            pitchK,
            columns,
            op.scale(),
            op.causal());
    if (joined) {
      return Work.of(
          "Attention",
          (in, out, scratch) ->
              launch.launches(gpu.kernels(), in[0], in[1], in[2], out).forEach(gpu::launch));
    }
    long itemQ = (long) q.dim(1) * pitchQ * precision.bytes();
    long itemK = (long) k.dim(1) * pitchK * precision.bytes();
    long itemOut = (long) q.dim(1) * columns * precision.bytes();
    return Work.of(
        "Attention",
        (in, out, scratch) -> {
          for (int b = 0; b < q.dim(0); b++) {
            long keys = b / served * itemK;
            launch
                .launches(
                    gpu.kernels(), in[0] + b * itemQ, in[1] + keys, in[2] + keys, out + b * itemOut)
                .forEach(gpu::launch);
          }
        });
  }

  /** The kernels want keys and values the same distance apart: both are made dense first. */
  private static Work evenly(
      Gpu gpu, Precision precision, AttendOp.Attention op, List<Operand> inputs) {
    List<Operand> dense = new ArrayList<>(inputs);
    long[] at = new long[3];
    for (int i = 1; i < 3; i++) {
      TensorType type = inputs.get(i).type();
      dense.set(i, new Operand(type, false));
      at[i] = (i - 1) * GpuKernel.aligned(type.shape().elements() * precision.bytes());
    }
    Work work = attention(gpu, precision, op, dense);
    Shape k = inputs.get(1).type().shape();
    return new Work(
        work.name(),
        2 * at[2],
        Map.of(),
        (in, out, scratch) -> {
          long[] moved = {in[0], scratch + at[1], scratch + at[2]};
          for (int i = 1; i < 3; i++) {
            StridedAxes axes =
                new StridedAxes(
                    List.of(k.dim(0) * k.dim(1), k.dim(2)),
                    List.of(inputs.get(i).pitch(), 1),
                    List.of(k.dim(2), 1));
            new StridedCopy(precision.bytes(), axes, 0, 0)
                .launches(in[i], moved[i])
                .forEach(gpu::launch);
          }
          work.body().run(moved, out, 0);
        });
  }
}
