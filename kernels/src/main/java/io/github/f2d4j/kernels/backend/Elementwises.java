package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.ElementwiseOp.Binary;
import io.github.f2d4j.engine.op.ElementwiseOp.Cast;
import io.github.f2d4j.engine.op.ElementwiseOp.Chain;
import io.github.f2d4j.engine.op.ElementwiseOp.Geglu;
import io.github.f2d4j.engine.op.ElementwiseOp.Prelu;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.kernels.catalog.ElementType;
import io.github.f2d4j.kernels.catalog.Elementwise;
import io.github.f2d4j.kernels.catalog.PointChain;
import io.github.f2d4j.kernels.catalog.Pointwise;
import io.github.f2d4j.kernels.device.Gpu;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** Compiles the operators of {@link ElementwiseOp}, all but {@link Cast}. */
final class Elementwises {
  private Elementwises() {}

  static Work compile(
      Gpu gpu, Precision precision, ElementwiseOp op, List<Operand> inputs, TensorType output) {
    ElementType type = precision.element();
    Shape shape = output.shape();
    List<Shape> shapes = inputs.stream().map(o -> o.type().shape()).toList();
    if (shape.elements() == 0) {
      return Work.of(op.getClass().getSimpleName(), (in, out, scratch) -> {});
    }
    return switch (op) {
      case Cast c -> throw new IllegalArgumentException(c + " is no work in one precision");
      case Geglu _ -> {
        int rows = Math.toIntExact(shape.elements() / shape.dim(-1));
        var launch = new Elementwise.Geglu(type, rows, shape.dim(-1));
        yield Work.of(
            "Geglu", (in, out, scratch) -> launch.launches(in[0], 0, out).forEach(gpu::launch));
      }
      case Chain c -> chain(gpu, new PointChain(type, c, shapes, shape));
      case Binary _, Prelu _ -> {
        Pointwise launch = Pointwise.binary(type, op, shapes.getFirst(), shapes.getLast());
        yield Work.of(
            "Pointwise",
            (in, out, scratch) -> launch.launches(in[0], in[1], out).forEach(gpu::launch));
      }
      case ElementwiseOp.Unary _,
          ElementwiseOp.LeakyRelu _,
          ElementwiseOp.Clamp _,
          ElementwiseOp.Affine _ -> {
        Pointwise launch = Pointwise.unary(type, op, shape);
        yield Work.of(
            "Pointwise", (in, out, scratch) -> launch.launches(in[0], 0, out).forEach(gpu::launch));
      }
    };
  }

  private static Work chain(Gpu gpu, PointChain chain) {
    int[] words = chain.program();
    GpuBuffer program;
    try (Arena arena = Arena.ofConfined()) {
      program = GpuBuffer.of(gpu, arena.allocateFrom(ValueLayout.JAVA_INT, words));
    }
    return Work.of(
        "Chain",
        (in, out, scratch) ->
            chain
                .launches(program.address(), Arrays.stream(in).boxed().toList(), out)
                .forEach(gpu::launch));
  }
}
