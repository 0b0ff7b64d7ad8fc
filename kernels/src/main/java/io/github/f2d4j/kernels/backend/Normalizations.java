package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.NormalizeOp;
import io.github.f2d4j.engine.op.NormalizeOp.BatchNorm;
import io.github.f2d4j.engine.op.NormalizeOp.GroupNorm;
import io.github.f2d4j.engine.op.NormalizeOp.L2Normalize;
import io.github.f2d4j.engine.op.NormalizeOp.LayerNorm;
import io.github.f2d4j.engine.op.NormalizeOp.Softmax;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.kernels.catalog.BatchNormalization;
import io.github.f2d4j.kernels.catalog.ElementType;
import io.github.f2d4j.kernels.catalog.GroupNormalization;
import io.github.f2d4j.kernels.catalog.LayerNormalization;
import io.github.f2d4j.kernels.catalog.Reduction;
import io.github.f2d4j.kernels.device.Gpu;
import java.util.List;
import java.util.Map;

/** Compiles the operators of {@link NormalizeOp}. */
final class Normalizations {
  private Normalizations() {}

  static Work compile(Gpu gpu, Precision precision, NormalizeOp op, List<Operand> inputs) {
    Shape x = inputs.getFirst().type().shape();
    if (x.elements() == 0) {
      return Work.of(op.getClass().getSimpleName(), (in, out, scratch) -> {});
    }
    return switch (op) {
      case GroupNorm g -> groupNorm(gpu, precision.element(), g, x);
      case LayerNorm l -> layerNorm(gpu, precision.element(), l, x);
      case BatchNorm b -> batchNorm(gpu, precision.element(), b, x);
      case Softmax s -> {
        var launch = new Reduction.Softmax(precision.element(), rows(x), x.dim(-1), s.log());
        yield Work.of(
            "Softmax", (in, out, scratch) -> launch.launches(in[0], out).forEach(gpu::launch));
      }
      case L2Normalize l -> {
        var launch = new Reduction.L2Normalize(precision.element(), rows(x), x.dim(-1), l.eps());
        yield Work.of(
            "L2Normalize", (in, out, scratch) -> launch.launches(in[0], out).forEach(gpu::launch));
      }
    };
  }

  private static int rows(Shape x) {
    return Math.toIntExact(x.elements() / x.dim(-1));
  }

  private static Work groupNorm(Gpu gpu, ElementType type, GroupNorm op, Shape x) {
    GroupNormalization launch =
        new GroupNormalization(
            type,
            x.dim(0),
            rows(x) / x.dim(0),
            x.dim(-1),
            op.groups(),
            op.eps(),
            op.activation() == Activation.SILU);
    return new Work(
        "GroupNorm",
        launch.workspaceBytes(),
        Map.of(),
        (in, out, scratch) ->
            launch.launches(in[0], out, in[1], in[2], scratch).forEach(gpu::launch));
  }

  private static Work layerNorm(Gpu gpu, ElementType type, LayerNorm op, Shape x) {
    var launch = new LayerNormalization(type, rows(x), x.dim(-1), op.eps());
    return Work.of(
        "LayerNorm",
        (in, out, scratch) -> launch.launches(in[0], out, in[1], in[2]).forEach(gpu::launch));
  }

  private static Work batchNorm(Gpu gpu, ElementType type, BatchNorm op, Shape x) {
    var launch = new BatchNormalization(type, rows(x), x.dim(-1), op.eps());
    return Work.of(
        "BatchNorm",
        (in, out, scratch) ->
            launch.launches(in[0], out, in[1], in[2], in[3], in[4]).forEach(gpu::launch));
  }
}
