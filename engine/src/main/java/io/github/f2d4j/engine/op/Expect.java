package io.github.f2d4j.engine.op;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/** Checks that operators share, each with the same wording: operator, given, expected. */
final class Expect {
  private Expect() {}

  static IllegalArgumentException error(Op op, List<TensorType> inputs, String expected) {
    return new IllegalArgumentException(op + " got " + inputs + " but needs " + expected);
  }

  static void count(Op op, List<TensorType> inputs, int expected) {
    if (inputs.size() != expected) {
      throw error(op, inputs, expected + (expected == 1 ? " input" : " inputs"));
    }
  }

  static void f32(Op op, List<TensorType> inputs, int index) {
    if (inputs.get(index).dtype() != DType.F32) {
      throw error(op, inputs, "F32 at input " + index + " (cast it first)");
    }
  }

  static void weight(Op op, List<TensorType> inputs, int index) {
    if (!inputs.get(index).dtype().isComputable()) {
      throw error(op, inputs, "F32, F16 or BF16 at input " + index + " (cast it first)");
    }
  }

  static void rank(Op op, List<TensorType> inputs, int index, int rank) {
    if (inputs.get(index).shape().rank() != rank) {
      throw error(op, inputs, "rank " + rank + " at input " + index);
    }
  }

  static void minRank(Op op, List<TensorType> inputs, int index, int rank) {
    if (inputs.get(index).shape().rank() < rank) {
      throw error(op, inputs, "rank " + rank + " or more at input " + index);
    }
  }

  /** Requires input {@code index} to be a weight vector of {@code length} elements. */
  static void vector(Op op, List<TensorType> inputs, int index, int length) {
    weight(op, inputs, index);
    Shape s = inputs.get(index).shape();
    if (s.rank() != 1 || s.dim(0) != length) {
      throw error(op, inputs, "[" + length + "] at input " + index);
    }
  }

  static void positive(Object op, String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(op + ": " + name + " is " + value + " but must be >= 1");
    }
  }
}
