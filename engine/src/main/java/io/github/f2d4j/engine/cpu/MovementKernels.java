package io.github.f2d4j.engine.cpu;

import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/** Compiles the operators of {@link MovementOp}. */
final class MovementKernels {
  private MovementKernels() {}

  @SuppressWarnings("DoNotCallSuggester")
  static Kernel compile(MovementOp op, List<Operand> inputs, TensorType output, WorkPool pool) {
    throw new UnsupportedOperationException(op + " with " + pool.threads() + " threads");
  }
}
