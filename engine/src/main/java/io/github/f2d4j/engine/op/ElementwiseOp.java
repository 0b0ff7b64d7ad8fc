package io.github.f2d4j.engine.op;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/** Operators that compute each element of the result from the elements at the same place. */
public sealed interface ElementwiseOp extends Op {

  /** Functions of one argument. */
  enum UnaryKind {
    NEG,
    ABS,
    EXP,
    LOG,
    SQRT,
    RSQRT,
    RECIPROCAL,
    SQUARE,
    TANH,
    ERF,
    SIGMOID,
    SIN,
    COS,
    RELU,
    /** x·sigmoid(x). */
    SILU,
    /** x·Φ(x) with the exact error function. */
    GELU,
    /** x·sigmoid(1.702·x). */
    QUICK_GELU
  }

  /** Functions of two arguments. */
  enum BinaryKind {
    ADD,
    SUB,
    MUL,
    DIV,
    MAX,
    MIN,
    POW
  }

  /** A function of one argument: x F32 → F32 of the same shape. */
  record Unary(UnaryKind kind) implements ElementwiseOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      return sameAsOnly(this, inputs);
    }
  }

  /** A function of two arguments with broadcasting: a, b F32 → F32. */
  record Binary(BinaryKind kind) implements ElementwiseOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 2);
      Expect.f32(this, inputs, 0);
      Expect.weight(this, inputs, 1);
      try {
        return TensorType.f32(Broadcast.shape(inputs.get(0).shape(), inputs.get(1).shape()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(this + ": " + e.getMessage(), e);
      }
    }
  }

  /** x where x ≥ 0, slope·x elsewhere. */
  record LeakyRelu(float slope) implements ElementwiseOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      return sameAsOnly(this, inputs);
    }
  }

  /** min(max(x, min), max). */
  record Clamp(float min, float max) implements ElementwiseOp {
    public Clamp {
      if (!(min <= max)) {
        throw new IllegalArgumentException("Clamp: min " + min + " must not exceed max " + max);
      }
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      return sameAsOnly(this, inputs);
    }
  }

  /** x·scale + shift, one fused multiply-add. */
  record Affine(float scale, float shift) implements ElementwiseOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      return sameAsOnly(this, inputs);
    }
  }

  /** x where x ≥ 0, slope[c]·x elsewhere: x [..., C], slope [C] → [..., C]. */
  record Prelu() implements ElementwiseOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 2);
      Expect.f32(this, inputs, 0);
      Expect.minRank(this, inputs, 0, 1);
      Expect.vector(this, inputs, 1, inputs.get(0).shape().dim(-1));
      return inputs.get(0);
    }
  }

  /** h·gelu(gate) of the halves of the last axis: [..., 2n] → [..., n]. */
  record Geglu() implements ElementwiseOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 1);
      Expect.f32(this, inputs, 0);
      Expect.minRank(this, inputs, 0, 1);
      Shape s = inputs.get(0).shape();
      if (s.dim(-1) % 2 != 0) {
        throw Expect.error(this, inputs, "an even last axis");
      }
      return TensorType.f32(s.with(-1, s.dim(-1) / 2));
    }
  }

  /**
   * Converts the element type, rounding to nearest even towards narrower floats and truncating
   * towards integers. Among F64, F32, F16, BF16, I64, I32 and U8.
   */
  record Cast(DType to) implements ElementwiseOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 1);
      if (!castable(inputs.get(0).dtype()) || !castable(to)) {
        throw Expect.error(this, inputs, "types among F64, F32, F16, BF16, I64, I32, U8");
      }
      return new TensorType(to, inputs.get(0).shape());
    }

    private static boolean castable(DType t) {
      return switch (t) {
        case F64, F32, F16, BF16, I64, I32, U8 -> true;
        case F8_E4M3, F8_E5M2, I16, I8, U64, U32, U16, BOOL -> false;
      };
    }
  }

  /**
   * One step of a {@link Chain}.
   *
   * @param op {@link Unary}, {@link Binary}, {@link LeakyRelu}, {@link Clamp} or {@link Affine}
   * @param operands what it reads: {@code i} below the number of the chain's inputs is input i,
   *     {@code inputs + j} is the result of step j
   */
  record ChainStep(ElementwiseOp op, List<Integer> operands) {
    public ChainStep {
      operands = List.copyOf(operands);
    }
  }

  /**
   * Several elementwise operators in one pass over the data; made by the graph compiler. Every
   * input is F32 and has the result's shape, or is a scalar ([] or one element), or is a vector
   * along the last axis. The last step's value is the result.
   */
  record Chain(int inputs, List<ChainStep> steps) implements ElementwiseOp {
    public Chain {
      steps = List.copyOf(steps);
    }

    @Override
    public TensorType infer(List<TensorType> types) {
      Expect.count(this, types, inputs);
      List<TensorType> known = new java.util.ArrayList<>(types);
      for (ChainStep step : steps) {
        known.add(step.op().infer(step.operands().stream().map(known::get).toList()));
      }
      return known.getLast();
    }
  }

  private static TensorType sameAsOnly(Op op, List<TensorType> inputs) {
    Expect.count(op, inputs, 1);
    Expect.f32(op, inputs, 0);
    return inputs.get(0);
  }
}
