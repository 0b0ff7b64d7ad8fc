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
import java.util.function.BiConsumer;

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
      case LayerNorm l -> layerNorm(l, inputs, shape, pool);
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

  /** Does what a task must with {@code count} rows of {@code n} floats in {@code s.x}. */
  private interface Block {
    void run(NormScratch s, int count, int n);
  }

  /**
   * Copies blocks of rows to the heap, has {@code block} change them and copies them to the output.
   *
   * @param constants sets {@link NormScratch#constants} from the inputs
   */
  private static Kernel perBlock(
      List<Operand> inputs,
      Shape shape,
      WorkPool pool,
      BiConsumer<MemorySegment[], float[]> constants,
      Block block) {
    int n = shape.dim(-1);
    long rows = n == 0 ? 0 : shape.elements() / n;
    int step = NormScratch.rows(n);
    int rowsPerTask = Math.max(1, TASK_ELEMENTS / Math.max(1, n));
    int tasks = Math.toIntExact(Math.ceilDiv(rows, rowsPerTask));
    return CpuKernel.widening(
        inputs,
        0,
        (x, y, scratch) ->
            pool.parallel(
                tasks,
                task -> {
                  long end = Math.min(rows, (task + 1L) * rowsPerTask);
                  NormScratch s = NormScratch.take(n);
                  try {
                    constants.accept(x, s.constants);
                    for (long r = (long) task * rowsPerTask; r < end; r += step) {
                      int count = (int) Math.min(step, end - r);
                      NormScratch.read(x[0], 4 * r * n, s.x, 0, count * n);
                      block.run(s, count, n);
                      NormScratch.write(s.x, count * n, y, 4 * r * n);
                    }
                  } finally {
                    s.give();
                  }
                }));
  }

  private static Kernel layerNorm(LayerNorm op, List<Operand> inputs, Shape shape, WorkPool pool) {
    int width = shape.dim(-1);
    return perBlock(
        inputs,
        shape,
        pool,
        (x, wb) -> {
          NormScratch.read(x[1], 0, wb, 0, width);
          NormScratch.read(x[2], 0, wb, width, width);
        },
        (s, count, n) -> {
          for (int r = 0; r < count; r++) {
            layerNorm(s, r * n, n, op.eps());
          }
        });
  }

  /** Statistics around the rounded mean, so that a nearly constant row loses no digits. */
  private static void layerNorm(NormScratch s, int at, int n, float eps) {
    NormLoops loops = NormLoops.LOOPS;
    float mean = loops.sum(s.x, at, n) / n;
    loops.moments(s.x, at, n, mean, s.moments);
    double rest = (double) s.moments[0] / n;
    double variance = (double) s.moments[1] / n - rest * rest;
    double scale = 1 / Math.sqrt(Math.max(variance, 0) + eps);
    loops.normalize(s.x, at, s.constants, n, mean, (float) scale, (float) (-rest * scale));
  }

  private static Kernel batchNorm(BatchNorm op, List<Operand> inputs, Shape shape, WorkPool pool) {
    int width = shape.dim(-1);
    return perBlock(
        inputs,
        shape,
        pool,
        (x, c) -> {
          NormScratch.read(x[3], 0, c, 0, width);
          NormScratch.read(x[2], 0, c, 2 * width, width);
          for (int i = 0; i < width; i++) {
            double variance = x[4].get(FLOAT, 4L * i);
            c[width + i] = (float) (x[1].get(FLOAT, 4L * i) / Math.sqrt(variance + op.eps()));
          }
        },
        (s, count, n) -> {
          for (int r = 0; r < count; r++) {
            NormLoops.LOOPS.affineColumns(s.x, r * n, s.constants, n, false);
          }
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
