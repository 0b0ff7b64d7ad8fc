package io.github.f2d4j.engine.cpu;

import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.op.MatMulOp;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/** Compiles the operators of {@link MatMulOp}. */
final class MatMulKernels {
  private MatMulKernels() {}

  @SuppressWarnings("DoNotCallSuggester")
  static Kernel compile(MatMulOp op, List<Operand> inputs, TensorType output, WorkPool pool) {
    throw new UnsupportedOperationException(op + " with " + pool.threads() + " threads");
  }
}
