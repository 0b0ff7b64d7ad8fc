package io.github.f2d4j.engine.op;

import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/**
 * What a matrix multiplication or convolution does to its sum before storing it: {@code y =
 * activation(sum + bias) + residual}.
 *
 * @param bias whether an input [N] is added to the last axis
 * @param activation applied after the bias
 * @param residual whether an input of the result's shape is added last
 */
public record Epilogue(boolean bias, Activation activation, boolean residual) {
  /** Stores the plain sum. */
  public static final Epilogue NONE = new Epilogue(false, Activation.NONE, false);

  /** Adds a bias. */
  public static final Epilogue BIAS = new Epilogue(true, Activation.NONE, false);

  /** This with an activation. */
  public Epilogue with(Activation activation) {
    return new Epilogue(bias, activation, residual);
  }

  /** This with a residual input appended. */
  public Epilogue withResidual() {
    return new Epilogue(bias, activation, true);
  }

  /** The number of inputs it appends to the operator's own. */
  public int inputs() {
    return (bias ? 1 : 0) + (residual ? 1 : 0);
  }

  /**
   * The result's shape.
   *
   * @param sum the shape of the operator's plain sum
   * @param first index of the first input that belongs to this epilogue
   */
  Shape infer(Op op, List<TensorType> inputs, int first, Shape sum) {
    int n = sum.dim(-1);
    if (bias) {
      Expect.vector(op, inputs, first, n);
    }
    Shape out = sum;
    if (activation == Activation.GEGLU) {
      if (n % 2 != 0) {
        throw Expect.error(op, inputs, "an even last axis for GEGLU, not " + n);
      }
      out = sum.with(-1, n / 2);
    }
    if (residual) {
      int index = first + (bias ? 1 : 0);
      Expect.f32(op, inputs, index);
      if (!inputs.get(index).shape().equals(out)) {
        throw Expect.error(op, inputs, "the result's shape " + out + " at input " + index);
      }
    }
    return out;
  }
}
