package io.github.f2d4j.engine.cpu;

import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/** Compiles the operators of {@link ElementwiseOp}. */
final class ElementwiseKernels {
  private ElementwiseKernels() {}

  @SuppressWarnings("DoNotCallSuggester")
  static Kernel compile(ElementwiseOp op, List<Operand> inputs, TensorType output, WorkPool pool) {
    throw new UnsupportedOperationException(op + " with " + pool.threads() + " threads");
  }
}
