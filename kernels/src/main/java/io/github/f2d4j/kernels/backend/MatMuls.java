package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.op.MatMulOp;
import io.github.f2d4j.engine.op.MatMulOp.MatMul;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.kernels.catalog.Movement;
import io.github.f2d4j.kernels.cublas.ComputeType;
import io.github.f2d4j.kernels.cublas.Gemm;
import io.github.f2d4j.kernels.device.Gpu;
import java.util.List;
import java.util.Map;

/** Compiles the operators of {@link MatMulOp}. */
final class MatMuls {
  private MatMuls() {}

  static Work compile(Gpu gpu, Precision precision, MatMulOp op, List<Operand> inputs) {
    return switch (op) {
      case MatMul m -> matMul(gpu, precision, m, inputs);
    };
  }

  private static Work matMul(Gpu gpu, Precision precision, MatMul op, List<Operand> inputs) {
    Shape a = inputs.get(0).type().shape();
    Shape b = inputs.get(1).type().shape();
    int m = a.dim(op.transposeA() ? -1 : -2);
    int k = a.dim(op.transposeA() ? -2 : -1);
    int n = b.dim(op.transposeB() ? -2 : -1);
    int items = 1;
    for (int axis = 0; axis < a.rank() - 2; axis++) {
      items = Math.multiplyExact(items, a.dim(axis));
    }
    Linear linear = new Linear(gpu, precision, k, n, op.transposeB(), op.epilogue());
    int rows = Math.multiplyExact(items, m);
    Work.Body body;
    if (k == 0) {
      body = withoutTerms(linear, rows);
    } else if (b.rank() == 2 && !op.transposeA()) {
      // All matrices of a share b: they are one tall matrix.
      body =
          (in, out, scratch) ->
              linear.run(
                  rows,
                  in[0],
                  in[1],
                  bias(op.epilogue(), in, 2),
                  residual(op.epilogue(), in, 2),
                  out,
                  scratch);
    } else {
      body = batched(linear, op.transposeA(), items, m, b.rank() == 2);
    }
    return new Work("MatMul", linear.scratchBytes(rows), Map.of(), body);
  }

  /** Sums over nothing are zeros. */
  private static Work.Body withoutTerms(Linear linear, int rows) {
    boolean direct = linear.scratchBytes(1) == 0;
    int count = Math.multiplyExact(rows, linear.out());
    return (in, out, scratch) -> {
      long sum = direct ? out : scratch;
      new Movement.Fill(linear.precision().element(), count, 0)
          .launches(sum)
          .forEach(linear.gpu()::launch);
      long bias = bias(linear.epilogue(), in, 2);
      linear.finish(rows, sum, bias, residual(linear.epilogue(), in, 2), out);
    };
  }

  /** A product for each pair of matrices, then the epilogue over all of them. */
  private static Work.Body batched(
      Linear linear, boolean transposeA, int items, int m, boolean shared) {
    int k = linear.in();
    int n = linear.out();
    var type = linear.precision().data();
    Gemm gemm =
        new Gemm(
            linear.transposed(),
            transposeA,
            n,
            m,
            k,
            1,
            type,
            linear.transposed() ? k : n,
            type,
            transposeA ? m : k,
            0,
            type,
            n,
            ComputeType.FLOAT32);
    boolean direct = linear.scratchBytes(1) == 0;
    long strideB = shared ? 0 : (long) k * n;
    return (in, out, scratch) -> {
      long sum = direct ? out : scratch;
      linear.gpu().multiply(gemm, items, in[1], strideB, in[0], (long) m * k, sum, (long) m * n);
      linear.finish(
          items * m, sum, bias(linear.epilogue(), in, 2), residual(linear.epilogue(), in, 2), out);
    };
  }

  /** The address of the epilogue's bias, whose operands begin at {@code first}; 0 without one. */
  static long bias(Epilogue epilogue, long[] in, int first) {
    return epilogue.bias() ? in[first] : 0;
  }

  /** The address of the epilogue's residual; 0 without one. */
  static long residual(Epilogue epilogue, long[] in, int first) {
    return epilogue.residual() ? in[first + (epilogue.bias() ? 1 : 0)] : 0;
  }
}
