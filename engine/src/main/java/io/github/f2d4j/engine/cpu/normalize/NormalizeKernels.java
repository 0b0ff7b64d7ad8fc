package io.github.f2d4j.engine.cpu.normalize;

import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.cpu.elementwise.ElementwiseLoops;
import io.github.f2d4j.engine.cpu.kernel.CpuKernel;
import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.NormalizeOp;
import io.github.f2d4j.engine.op.NormalizeOp.BatchNorm;
import io.github.f2d4j.engine.op.NormalizeOp.GroupNorm;
import io.github.f2d4j.engine.op.NormalizeOp.L2Normalize;
import io.github.f2d4j.engine.op.NormalizeOp.LayerNorm;
import io.github.f2d4j.engine.op.NormalizeOp.Softmax;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Compiles the operators of {@link NormalizeOp}. */
public final class NormalizeKernels {
  /** Elements that are worth a task of their own. */
  private static final int TASK_ELEMENTS = 1 << 14;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final RowLoops ROWS = RowLoops.LOOPS;
  private static final ElementwiseLoops LOOPS = ElementwiseLoops.LOOPS;

  private NormalizeKernels() {}

  /** The kernel that computes {@code op} of {@code inputs}, with the threads of {@code pool}. */
  public static Kernel compile(
      NormalizeOp op, List<Operand> inputs, TensorType output, WorkPool pool) {
    Shape shape = output.shape();
    return switch (op) {
      case GroupNorm g -> groupNorm(g, inputs, shape, pool);
      case LayerNorm l ->
          perRow(inputs, shape, pool, (x, at, y, n) -> layerNorm(x, at, y, n, l.eps()));
      case BatchNorm b -> batchNorm(b, inputs, shape, pool);
      case Softmax s ->
          perRow(
              inputs,
              shape,
              pool,
              s.log() ? NormalizeKernels::logSoftmax : NormalizeKernels::softmax);
      case L2Normalize l ->
          perRow(inputs, shape, pool, (x, at, y, n) -> l2Normalize(x[0], at, y, n, l.eps()));
    };
  }

  private static Kernel groupNorm(GroupNorm op, List<Operand> inputs, Shape shape, WorkPool pool) {
    int n = shape.dim(0);
    int channels = shape.dim(-1);
    int rows = n == 0 || channels == 0 ? 0 : Math.toIntExact(shape.elements() / n / channels);
    GroupNormKernel kernel =
        new GroupNormKernel(
            n, rows, channels, op.groups(), op.eps(), op.activation() == Activation.SILU);
    return CpuKernel.widening(
        inputs,
        kernel.scratchBytes(),
        (x, y, scratch) -> kernel.run(pool, x[0], x[1], x[2], y, scratch));
  }

  /** Computes one row of the last axis, which starts at byte {@code at} of input and output. */
  private interface Row {
    void run(MemorySegment[] x, long at, MemorySegment y, int n);
  }

  private static Kernel perRow(List<Operand> inputs, Shape shape, WorkPool pool, Row body) {
    int n = shape.dim(-1);
    long rows = n == 0 ? 0 : shape.elements() / n;
    int rowsPerTask = Math.max(1, TASK_ELEMENTS / Math.max(1, n));
    int tasks = Math.toIntExact(Math.ceilDiv(rows, rowsPerTask));
    return CpuKernel.widening(
        inputs,
        0,
        (x, y, scratch) ->
            pool.parallel(
                tasks,
                task -> {
                  long first = (long) task * rowsPerTask;
                  long end = Math.min(rows, first + rowsPerTask);
                  for (long r = first; r < end; r++) {
                    body.run(x, 4 * r * n, y, n);
                  }
                }));
  }

  /** Statistics around the rounded mean, so that a nearly constant row loses no digits. */
  private static void layerNorm(MemorySegment[] x, long at, MemorySegment y, int n, float eps) {
    float mean = ROWS.sum(x[0], at, n, 0f) / n;
    double rest = (double) ROWS.sum(x[0], at, n, mean) / n;
    double variance = (double) ROWS.sumOfSquares(x[0], at, n, mean) / n - rest * rest;
    double scale = 1 / Math.sqrt(Math.max(variance, 0) + eps);
    ROWS.normalize(x[0], at, x[1], x[2], y, at, n, mean, (float) scale, (float) (-rest * scale));
  }

  private static Kernel batchNorm(BatchNorm op, List<Operand> inputs, Shape shape, WorkPool pool) {
    int n = shape.dim(-1);
    long rows = n == 0 ? 0 : shape.elements() / n;
    int rowsPerTask = Math.max(1, TASK_ELEMENTS / Math.max(1, n));
    int tasks = Math.toIntExact(Math.ceilDiv(rows, rowsPerTask));
    return CpuKernel.widening(
        inputs,
        12L * n,
        (x, y, scratch) -> {
          for (int c = 0; c < n; c++) {
            double variance = x[4].get(FLOAT, 4L * c);
            double scale = x[1].get(FLOAT, 4L * c) / Math.sqrt(variance + op.eps());
            scratch.set(FLOAT, 4L * c, x[3].get(FLOAT, 4L * c));
            scratch.set(FLOAT, 4L * (n + c), (float) scale);
            scratch.set(FLOAT, 4L * (2L * n + c), x[2].get(FLOAT, 4L * c));
          }
          pool.parallel(
              tasks,
              task -> {
                long first = (long) task * rowsPerTask;
                long end = Math.min(rows, first + rowsPerTask);
                for (long r = first; r < end; r++) {
                  ROWS.affineColumns(x[0], 4 * r * n, scratch, 0, y, 4 * r * n, n, false);
                }
              });
        });
  }

  private static void softmax(MemorySegment[] x, long at, MemorySegment y, int n) {
    float max = ROWS.max(x[0], at, n);
    float sum = ROWS.exp(x[0], at, y, at, n, max);
    LOOPS.scale(y, at, y, at, n, 1f / sum);
  }

  private static void logSoftmax(MemorySegment[] x, long at, MemorySegment y, int n) {
    float max = ROWS.max(x[0], at, n);
    float sum = ROWS.exp(x[0], at, y, at, n, max);
    LOOPS.affine(x[0], at, y, at, n, 1f, -max);
    LOOPS.affine(y, at, y, at, n, 1f, -FloatMath.log(sum));
  }

  private static void l2Normalize(MemorySegment x, long at, MemorySegment y, int n, float eps) {
    double norm = Math.sqrt(ROWS.sumOfSquares(x, at, n, 0f));
    LOOPS.scale(x, at, y, at, n, (float) (1 / Math.max(norm, eps)));
  }
}
