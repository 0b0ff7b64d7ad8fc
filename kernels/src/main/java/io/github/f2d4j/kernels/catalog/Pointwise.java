package io.github.f2d4j.kernels.catalog;

import io.github.f2d4j.engine.op.Broadcast;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * One function of one or two tensors, with broadcasting: a, b → the shape that both broadcast to.
 * Sine and cosine are exact for angles below 10⁵.
 *
 * @param axes of the result, with strides in a and in b
 */
public record Pointwise(ElementType type, PointFunction function, StridedAxes axes) {
  /** A function of one tensor. */
  public static Pointwise unary(ElementType type, ElementwiseOp op, Shape shape) {
    PointFunction function = PointFunction.of(op);
    if (function.binary()) {
      throw new IllegalArgumentException(op + " needs two inputs");
    }
    long[] dense = shape.strides();
    return new Pointwise(type, function, StridedAxes.join(shape.dims(), dense, dense));
  }

  /** A function of two tensors; {@link ElementwiseOp.Prelu} with b [C] among them. */
  public static Pointwise binary(ElementType type, ElementwiseOp op, Shape a, Shape b) {
    PointFunction function = PointFunction.of(op);
    if (!function.binary()) {
      throw new IllegalArgumentException(op + " has one input");
    }
    Shape y = Broadcast.shape(a, b);
    return new Pointwise(
        type,
        function,
        StridedAxes.join(y.dims(), Broadcast.strides(a, y), Broadcast.strides(b, y)));
  }

  /**
   * The launch.
   *
   * @param b 0 for functions of one tensor
   * @param y may be a or b where that one is not repeated
   */
  public List<KernelLaunch> launches(long a, long b, long y) {
    int count = axes.count();
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument.Address(a));
    arguments.add(new Argument.Address(b));
    arguments.add(new Argument.Address(y));
    arguments.add(new Argument.Int32(count));
    arguments.add(new Argument.Int32(function.number()));
    arguments.add(new Argument.Float32(function.alpha()));
    arguments.add(new Argument.Float32(function.beta()));
    arguments.addAll(axes.arguments());
    return List.of(
        new KernelLaunch(
            "elementwise_any",
            "pointwise_" + type.suffix(),
            Geometry.looping(count),
            Dim3.of(Geometry.BLOCK),
            0,
            arguments));
  }
}
