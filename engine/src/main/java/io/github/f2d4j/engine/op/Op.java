package io.github.f2d4j.engine.op;

import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/**
 * One operator with its attributes. Operators are records in seven sealed families; whoever must
 * know them all (backends, cost model, gradients) switches over them without a {@code default}, so
 * that the compiler lists every place that owes a new operator an arm.
 *
 * <p>Images are NHWC throughout; an operator's inputs are dense and row-major. Where an operator
 * reads a weight, that input may be F32, F16 or BF16; every other numeric input is F32, and results
 * are F32 unless the operator says otherwise.
 */
public sealed interface Op
    permits ElementwiseOp, ReduceOp, MatMulOp, ConvolveOp, NormalizeOp, AttendOp, MovementOp {

  /**
   * The type of the result.
   *
   * @param inputs the types of the inputs, in the order the operator's documentation gives
   * @throws IllegalArgumentException naming the operator, what was given and what it expects
   */
  TensorType infer(List<TensorType> inputs);
}
