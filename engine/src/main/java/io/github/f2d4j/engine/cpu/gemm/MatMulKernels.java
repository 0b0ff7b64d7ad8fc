package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.cpu.multiply.Multiplier;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.MatMulOp;
import io.github.f2d4j.engine.op.MatMulOp.MatMul;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/** Compiles the operators of {@link MatMulOp}. */
public final class MatMulKernels {
  private MatMulKernels() {}

  /** The kernel that computes {@code op} of {@code inputs}, with the threads of {@code pool}. */
  public static Kernel compile(
      MatMulOp op, List<Operand> inputs, TensorType output, WorkPool pool) {
    return switch (op) {
      case MatMul m -> matMul(m, inputs, output, pool);
    };
  }

  private static Kernel matMul(MatMul op, List<Operand> inputs, TensorType output, WorkPool pool) {
    Shape a = inputs.get(0).type().shape();
    Shape b = inputs.get(1).type().shape();
    int m = a.dim(op.transposeA() ? -1 : -2);
    int k = a.dim(op.transposeA() ? -2 : -1);
    int n = b.dim(op.transposeB() ? -2 : -1);
    int items = 1;
    for (int axis = 0; axis < a.rank() - 2; axis++) {
      items = Math.multiplyExact(items, a.dim(axis));
    }
    int matrices = b.rank() == 2 ? 1 : items;
    int rows = m;
    if (matrices == 1 && !op.transposeA()) {
      // All matrices of a share b: they are one tall matrix.
      rows = Math.multiplyExact(items, m);
      items = 1;
    }
    // A plain matrix is a batch of single rows.
    Multiplier multiplier = Multiplier.ofMatrix(a.rank() == 2 ? 1 : m);
    Panels panels = new Panels(k, n, op.epilogue().activation() == Activation.GEGLU);
    Packer packer = new Packer(panels, inputs.get(1).type().dtype(), !op.transposeB(), 1);
    GemmKernel.Weights weights =
        new GemmKernel.Weights(packer, matrices, multiplier.traits().keeps());
    long itemStride = (long) m * k;
    long rowStride = op.transposeA() ? 1 : k;
    long kStride = op.transposeA() ? m : 1;
    long outRow = output.shape().dim(-1);
    return new GemmKernel(
        new Gemm(multiplier, items, rows, panels, weights.way(), op.epilogue(), pool),
        GemmKernel.Source.of(x -> new MatrixRows(x, itemStride, rowStride, kStride)),
        weights,
        inputs,
        op.epilogue(),
        new GemmKernel.Layout(0, outRow * rows, outRow),
        pool);
  }
}
