package io.github.f2d4j.engine.graph;

import io.github.f2d4j.engine.graph.Graph.Step;
import io.github.f2d4j.engine.graph.Rewrites.Workbench;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.ElementwiseOp.Affine;
import io.github.f2d4j.engine.op.ElementwiseOp.Binary;
import io.github.f2d4j.engine.op.ElementwiseOp.Chain;
import io.github.f2d4j.engine.op.ElementwiseOp.ChainStep;
import io.github.f2d4j.engine.op.ElementwiseOp.Clamp;
import io.github.f2d4j.engine.op.ElementwiseOp.LeakyRelu;
import io.github.f2d4j.engine.op.ElementwiseOp.Unary;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Joins an elementwise operator with those that feed it, so that memory is read and written once.
 */
final class FuseElementwise implements Rewrites.Rewrite {
  /** Bounds that keep a chain's working set in the first-level cache. */
  private static final int MAX_INPUTS = 6;

  private static final int MAX_STEPS = 12;

  @Override
  public @Nullable Step at(int value, Workbench bench) {
    Step step = bench.step(value);
    if (!joins(step, bench)) {
      return null;
    }
    Builder chain = new Builder(step.type());
    for (int input : step.inputs()) {
      Step producer = bench.soleUse(input);
      boolean swallow =
          producer != null && producer.type().equals(step.type()) && joins(producer, bench);
      chain.operand(input, swallow ? producer : null);
    }
    return chain.finish((ElementwiseOp) step.op());
  }

  private static boolean joins(Step step, Workbench bench) {
    return switch (step.op()) {
      case Unary u -> true;
      case LeakyRelu l -> true;
      case Clamp c -> true;
      case Affine a -> true;
      case Chain c -> true;
      case Binary b ->
          step.inputs().stream().allMatch(i -> streams(bench.type(i), step.type().shape()));
      case Op other -> false;
    };
  }

  /** Whether a chain over {@code shape} can read an input of this type. */
  private static boolean streams(TensorType type, Shape shape) {
    Shape s = type.shape();
    boolean vector = s.rank() == 1 && shape.rank() > 0 && s.dim(0) == shape.dim(-1);
    return type.dtype() == DType.F32 && (s.equals(shape) || s.elements() == 1 || vector);
  }

  private static final class Builder {
    private final TensorType type;
    private final List<Integer> inputs = new ArrayList<>();

    /** Steps with operands numbered as the joined graph's values, or {@code -1 - j} for step j. */
    private final List<ChainStep> steps = new ArrayList<>();

    private final List<Integer> last = new ArrayList<>();
    private boolean swallowed;

    Builder(TensorType type) {
      this.type = type;
    }

    /** Adds an operand of the final operator, computed here if its step is given. */
    void operand(int value, @Nullable Step producer) {
      if (producer == null) {
        last.add(use(value));
        return;
      }
      swallowed = true;
      if (producer.op() instanceof Chain chain) {
        int base = steps.size();
        for (ChainStep s : chain.steps()) {
          List<Integer> operands =
              s.operands().stream()
                  .map(
                      o ->
                          o < chain.inputs()
                              ? use(producer.inputs().get(o))
                              : -1 - (base + o - chain.inputs()))
                  .toList();
          steps.add(new ChainStep(s.op(), operands));
        }
      } else {
        List<Integer> operands = producer.inputs().stream().map(this::use).toList();
        steps.add(new ChainStep((ElementwiseOp) producer.op(), operands));
      }
      last.add(-steps.size());
    }

    private int use(int value) {
      int at = inputs.indexOf(value);
      if (at < 0) {
        inputs.add(value);
        at = inputs.size() - 1;
      }
      return at;
    }

    @Nullable Step finish(ElementwiseOp op) {
      if (!swallowed || op instanceof Chain) {
        return null;
      }
      steps.add(new ChainStep(op, last));
      if (inputs.size() > MAX_INPUTS || steps.size() > MAX_STEPS) {
        return null;
      }
      int n = inputs.size();
      List<ChainStep> numbered =
          steps.stream()
              .map(
                  s ->
                      new ChainStep(
                          s.op(),
                          s.operands().stream().map(o -> o < 0 ? n + (-1 - o) : o).toList()))
              .toList();
      return new Step(new Chain(n, numbered), inputs, type);
    }
  }
}
