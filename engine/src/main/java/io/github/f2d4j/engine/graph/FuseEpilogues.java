package io.github.f2d4j.engine.graph;

import io.github.f2d4j.engine.graph.Graph.Step;
import io.github.f2d4j.engine.graph.Rewrites.Workbench;
import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ElementwiseOp.Binary;
import io.github.f2d4j.engine.op.ElementwiseOp.BinaryKind;
import io.github.f2d4j.engine.op.ElementwiseOp.Geglu;
import io.github.f2d4j.engine.op.ElementwiseOp.Unary;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.op.MatMulOp.MatMul;
import io.github.f2d4j.engine.op.NormalizeOp.GroupNorm;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Moves activations and residual sums into the operator whose result they change. */
final class FuseEpilogues implements Rewrites.Rewrite {
  @Override
  public @Nullable Step at(int value, Workbench bench) {
    Step step = bench.step(value);
    return switch (step.op()) {
      case Unary u -> activation(step, activationOf(u.kind()), bench);
      case Geglu g -> activation(step, Activation.GEGLU, bench);
      case Binary b when b.kind() == BinaryKind.ADD -> residual(step, bench);
      default -> null;
    };
  }

  private static Activation activationOf(UnaryKind kind) {
    return switch (kind) {
      case RELU -> Activation.RELU;
      case SILU -> Activation.SILU;
      case GELU -> Activation.GELU;
      case QUICK_GELU -> Activation.QUICK_GELU;
      case NEG, ABS, EXP, LOG, SQRT, RSQRT, RECIPROCAL, SQUARE, TANH, ERF, SIGMOID, SIN, COS ->
          Activation.NONE;
    };
  }

  private static @Nullable Step activation(Step step, Activation activation, Workbench bench) {
    Step producer = bench.soleUse(step.inputs().getFirst());
    if (producer == null || activation == Activation.NONE) {
      return null;
    }
    if (producer.op() instanceof GroupNorm g) {
      return g.activation() == Activation.NONE && activation == Activation.SILU
          ? new Step(new GroupNorm(g.groups(), g.eps(), activation), producer.inputs(), step.type())
          : null;
    }
    Epilogue e = epilogue(producer.op());
    return e == null || e.activation() != Activation.NONE || e.residual()
        ? null
        : new Step(withEpilogue(producer.op(), e.with(activation)), producer.inputs(), step.type());
  }

  private static @Nullable Step residual(Step step, Workbench bench) {
    for (int side = 0; side < 2; side++) {
      int sum = step.inputs().get(side);
      int other = step.inputs().get(1 - side);
      Step producer = bench.soleUse(sum);
      if (producer == null
          || !bench.type(other).equals(step.type())
          || !producer.type().equals(step.type())
          || step.type().dtype() != DType.F32) {
        continue;
      }
      Epilogue e = epilogue(producer.op());
      if (e != null && !e.residual()) {
        List<Integer> inputs = new ArrayList<>(producer.inputs());
        inputs.add(other);
        return new Step(withEpilogue(producer.op(), e.withResidual()), inputs, step.type());
      }
    }
    return null;
  }

  private static @Nullable Epilogue epilogue(Op op) {
    return switch (op) {
      case MatMul m -> m.epilogue();
      case Conv2d c -> c.epilogue();
      default -> null;
    };
  }

  private static Op withEpilogue(Op op, Epilogue epilogue) {
    return switch (op) {
      case MatMul m -> new MatMul(m.transposeA(), m.transposeB(), epilogue);
      case Conv2d c -> new Conv2d(c.window(), c.groups(), epilogue);
      default -> throw new IllegalArgumentException(op + " has no epilogue");
    };
  }
}
