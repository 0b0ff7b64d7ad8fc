package io.github.f2d4j.engine.cpu;

import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.op.NormalizeOp;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/** Compiles the operators of {@link NormalizeOp}. */
final class NormalizeKernels {
  private NormalizeKernels() {}

  @SuppressWarnings("DoNotCallSuggester")
  static Kernel compile(NormalizeOp op, List<Operand> inputs, TensorType output, WorkPool pool) {
    throw new UnsupportedOperationException(op + " with " + pool.threads() + " threads");
  }
}
