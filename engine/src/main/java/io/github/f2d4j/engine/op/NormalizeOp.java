package io.github.f2d4j.engine.op;

import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/** Operators that rescale elements by statistics of their neighbours. Variances are biased. */
public sealed interface NormalizeOp extends Op {

  /**
   * Group normalisation: x F32 [N,...,C], weight [C], bias [C] → x's type. Statistics over a
   * group's C/groups channels and all middle axes of one n.
   *
   * @param activation {@link Activation#NONE} or {@link Activation#SILU}, applied last
   */
  record GroupNorm(int groups, float eps, Activation activation) implements NormalizeOp {
    public GroupNorm {
      Expect.positive("GroupNorm", "groups", groups);
      if (activation != Activation.NONE && activation != Activation.SILU) {
        throw new IllegalArgumentException("GroupNorm fuses NONE or SILU, not " + activation);
      }
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 3);
      Expect.minRank(this, inputs, 0, 2);
      TensorType x = affine(this, inputs);
      if (x.shape().dim(-1) % groups != 0) {
        throw Expect.error(this, inputs, "a channel count that is a multiple of " + groups);
      }
      return x;
    }
  }

  /** Layer normalisation over the last axis: x F32 [...,C], weight [C], bias [C] → x's type. */
  record LayerNorm(float eps) implements NormalizeOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 3);
      return affine(this, inputs);
    }
  }

  /**
   * Batch normalisation with stored statistics: x F32 [...,C], weight, bias, mean, variance [C] →
   * x's type: (x − mean)/√(variance + eps)·weight + bias.
   */
  record BatchNorm(float eps) implements NormalizeOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 5);
      TensorType x = affine(this, inputs);
      Expect.vector(this, inputs, 3, x.shape().dim(-1));
      Expect.vector(this, inputs, 4, x.shape().dim(-1));
      return x;
    }
  }

  /** Softmax over the last axis, or its logarithm. */
  record Softmax(boolean log) implements NormalizeOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      return lastAxis(this, inputs);
    }
  }

  /** x / max(‖x‖₂, eps) over the last axis. */
  record L2Normalize(float eps) implements NormalizeOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      return lastAxis(this, inputs);
    }
  }

  private static TensorType lastAxis(Op op, List<TensorType> inputs) {
    Expect.count(op, inputs, 1);
    Expect.f32(op, inputs, 0);
    Expect.minRank(op, inputs, 0, 1);
    return inputs.get(0);
  }

  private static TensorType affine(Op op, List<TensorType> inputs) {
    Expect.f32(op, inputs, 0);
    Expect.minRank(op, inputs, 0, 1);
    Shape s = inputs.get(0).shape();
    Expect.vector(op, inputs, 1, s.dim(-1));
    Expect.vector(op, inputs, 2, s.dim(-1));
    return inputs.get(0);
  }
}
