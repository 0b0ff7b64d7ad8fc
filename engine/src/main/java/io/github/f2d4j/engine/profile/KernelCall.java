package io.github.f2d4j.engine.profile;

import io.github.f2d4j.engine.cost.OpCost;
import io.github.f2d4j.engine.op.AttendOp;
import io.github.f2d4j.engine.op.ConvolveOp;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.MatMulOp;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.op.NormalizeOp;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.op.ReduceOp;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What one kernel of a plan does.
 *
 * @param family of the operator: elementwise, reduce, matmul, convolve, normalize, attend, movement
 * @param operator such as {@code MatMul} or {@code Conv2d 3x3}
 * @param kernel what computes it on this backend
 * @param shapes types of the inputs and of the result
 * @param bytes {@link OpCost#bytes()}
 * @param flops {@link OpCost#flops()}: by the operator's definition, whatever the kernel saves
 */
public record KernelCall(
    String family, String operator, String kernel, String shapes, long bytes, long flops) {

  /** {@code op} over {@code inputs}, computed by the kernel of that name. */
  public static KernelCall of(Op op, List<TensorType> inputs, TensorType output, String kernel) {
    OpCost cost = OpCost.of(op, inputs, output);
    String family = cost.family().name().toLowerCase(Locale.ROOT);
    String types =
        inputs.stream().map(TensorType::toString).collect(Collectors.joining(" ", "", " -> "));
    return new KernelCall(
        family, operator(op, inputs), kernel, types + output, cost.bytes(), cost.flops());
  }

  private static String operator(Op op, List<TensorType> inputs) {
    String name = op.getClass().getSimpleName();
    return switch (op) {
      case ElementwiseOp.Unary u -> name + " " + u.kind();
      case ElementwiseOp.Binary b -> name + " " + b.kind();
      case ReduceOp.Reduce r -> name + " " + r.kind();
      case ConvolveOp.Conv2d _ -> {
        TensorType weight = inputs.get(1); // [O,I,kH,kW]
        yield name + " " + weight.shape().dim(2) + "x" + weight.shape().dim(3);
      }
      case ElementwiseOp _, ConvolveOp _, MatMulOp _, NormalizeOp _, AttendOp _, MovementOp _ ->
          name;
    };
  }
}
