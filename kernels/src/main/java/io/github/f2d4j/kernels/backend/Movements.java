package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.op.MovementOp.Concat;
import io.github.f2d4j.engine.op.MovementOp.Expand;
import io.github.f2d4j.engine.op.MovementOp.Gather;
import io.github.f2d4j.engine.op.MovementOp.Pad;
import io.github.f2d4j.engine.op.MovementOp.Permute;
import io.github.f2d4j.engine.op.MovementOp.Reshape;
import io.github.f2d4j.engine.op.MovementOp.Slice;
import io.github.f2d4j.engine.op.MovementOp.UpsampleNearest;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.kernels.catalog.Movement;
import io.github.f2d4j.kernels.catalog.StridedCopy;
import io.github.f2d4j.kernels.device.Gpu;
import java.util.ArrayList;
import java.util.List;

/** Compiles the operators of {@link MovementOp}, all but {@link Gather}. */
final class Movements {
  private Movements() {}

  /**
   * Compiles {@code op}.
   *
   * @param bytes of an element
   */
  static Work compile(Gpu gpu, int bytes, MovementOp op, List<Operand> inputs, TensorType output) {
    Shape x = inputs.getFirst().type().shape();
    if (output.shape().elements() == 0) {
      return Work.of(op.getClass().getSimpleName(), (in, out, scratch) -> {});
    }
    return switch (op) {
      case Reshape _ -> copy(gpu, StridedCopy.expand(bytes, x, new Expand(x)));
      case Permute p -> copy(gpu, StridedCopy.permute(bytes, x, p));
      case Expand e -> copy(gpu, StridedCopy.expand(bytes, x, e));
      case Slice s -> copy(gpu, StridedCopy.slice(bytes, x, s));
      case Concat c -> concat(gpu, bytes, c, inputs);
      case Pad p -> pad(gpu, bytes, p, x, output);
      case UpsampleNearest u -> {
        var launch =
            new Movement.Upsample(
                Precision.of(output.dtype()).element(),
                x.dim(0),
                x.dim(1),
                x.dim(2),
                x.dim(3),
                u.height(),
                u.width());
        yield Work.of(
            "UpsampleNearest",
            (in, out, scratch) -> launch.launches(in[0], out).forEach(gpu::launch));
      }
      case Gather g -> throw new IllegalArgumentException(g + " has a kernel of its own");
    };
  }

  private static Work copy(Gpu gpu, StridedCopy copy) {
    return Work.of("Copy", (in, out, scratch) -> copy.launches(in[0], out).forEach(gpu::launch));
  }

  private static Work concat(Gpu gpu, int bytes, Concat op, List<Operand> inputs) {
    List<Integer> filled = new ArrayList<>();
    List<Shape> shapes = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Shape s = inputs.get(i).type().shape();
      if (s.elements() > 0) {
        filled.add(i);
        shapes.add(s);
      }
    }
    List<StridedCopy> copies = StridedCopy.concat(bytes, shapes, op);
    return Work.of(
        "Concat",
        (in, out, scratch) -> {
          for (int i = 0; i < copies.size(); i++) {
            copies.get(i).launches(in[filled.get(i)], out).forEach(gpu::launch);
          }
        });
  }

  private static Work pad(Gpu gpu, int bytes, Pad op, Shape x, TensorType output) {
    var fill =
        new Movement.Fill(
            Precision.of(output.dtype()).element(),
            Math.toIntExact(output.shape().elements()),
            op.value());
    return Work.of(
        "Pad",
        (in, out, scratch) -> {
          fill.launches(out).forEach(gpu::launch);
          if (x.elements() > 0) {
            StridedCopy.pad(bytes, x, op).launches(in[0], out).forEach(gpu::launch);
          }
        });
  }
}
