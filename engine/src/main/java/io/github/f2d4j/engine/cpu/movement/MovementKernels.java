package io.github.f2d4j.engine.cpu.movement;

import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.cpu.kernel.CpuKernel;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.Broadcast;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.op.MovementOp.Concat;
import io.github.f2d4j.engine.op.MovementOp.Expand;
import io.github.f2d4j.engine.op.MovementOp.Gather;
import io.github.f2d4j.engine.op.MovementOp.Pad;
import io.github.f2d4j.engine.op.MovementOp.Permute;
import io.github.f2d4j.engine.op.MovementOp.Reshape;
import io.github.f2d4j.engine.op.MovementOp.Slice;
import io.github.f2d4j.engine.op.MovementOp.UpsampleNearest;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Compiles the operators of {@link MovementOp}. */
public final class MovementKernels {
  private static final int FILL_TASK = 1 << 15;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private MovementKernels() {}

  /** The kernel that computes {@code op} of {@code inputs}, with the threads of {@code pool}. */
  public static Kernel compile(
      MovementOp op, List<Operand> inputs, TensorType output, WorkPool pool) {
    TensorType in = inputs.getFirst().type();
    return switch (op) {
      case Reshape _ -> copy(inputs, output, in.shape().strides(), in.shape(), pool);
      case Permute p -> {
        long[] dense = in.shape().strides();
        long[] strides = p.order().stream().mapToLong(axis -> dense[axis]).toArray();
        yield copy(inputs, output, strides, output.shape(), pool);
      }
      case Expand _ -> {
        long[] strides = Broadcast.strides(in.shape(), output.shape());
        yield copy(inputs, output, strides, output.shape(), pool);
      }
      case Slice s -> slice(s, inputs, output, pool);
      case Pad p -> pad(p, inputs, output, pool);
      case Concat c -> concat(c, inputs, output, pool);
      case Gather _ -> gather(inputs, pool);
      case UpsampleNearest _ -> upsample(inputs, output.shape(), pool);
    };
  }

  private static long[] times(long[] strides, long factor) {
    long[] scaled = strides.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factor;
    }
    return scaled;
  }

  /** Copies a view of the input, strided in elements, to the dense result. */
  private static Kernel copy(
      List<Operand> inputs, TensorType output, long[] strides, Shape extents, WorkPool pool) {
    int size = output.dtype().bytes();
    StridedCopy copy =
        new StridedCopy(size, extents.dims(), times(strides, size), times(extents.strides(), size));
    return CpuKernel.plain(inputs, 0, (x, y, scratch) -> copy.run(pool, x[0], 0, y, 0));
  }

  private static Kernel slice(Slice op, List<Operand> inputs, TensorType output, WorkPool pool) {
    int size = output.dtype().bytes();
    long[] strides = times(inputs.getFirst().type().shape().strides(), size);
    long first = 0;
    for (int d = 0; d < strides.length; d++) {
      first += op.starts().get(d) * strides[d];
      strides[d] *= op.steps().get(d);
    }
    long start = first;
    StridedCopy copy =
        new StridedCopy(
            size, output.shape().dims(), strides, times(output.shape().strides(), size));
    return CpuKernel.plain(inputs, 0, (x, y, scratch) -> copy.run(pool, x[0], start, y, 0));
  }

  private static Kernel pad(Pad op, List<Operand> inputs, TensorType output, WorkPool pool) {
    Shape in = inputs.getFirst().type().shape();
    long[] target = times(output.shape().strides(), 4);
    long first = 0;
    for (int d = 0; d < target.length; d++) {
      first += op.before().get(d) * target[d];
    }
    long start = first;
    StridedCopy copy = new StridedCopy(4, in.dims(), times(in.strides(), 4), target);
    return CpuKernel.plain(
        inputs,
        0,
        (x, y, scratch) -> {
          fill(pool, y, output.shape().elements(), op.value());
          copy.run(pool, x[0], 0, y, start);
        });
  }

  private static void fill(WorkPool pool, MemorySegment y, long n, float value) {
    pool.parallel(
        Math.toIntExact(Math.ceilDiv(n, FILL_TASK)),
        task -> {
          long end = Math.min(n, ((long) task + 1) * FILL_TASK);
          for (long i = (long) task * FILL_TASK; i < end; i++) {
            y.set(FLOAT, 4 * i, value);
          }
        });
  }

  private static Kernel concat(Concat op, List<Operand> inputs, TensorType output, WorkPool pool) {
    int size = output.dtype().bytes();
    long[] target = times(output.shape().strides(), size);
    List<StridedCopy> copies = new ArrayList<>();
    long[] starts = new long[inputs.size()];
    long along = 0;
    for (int i = 0; i < starts.length; i++) {
      Shape s = inputs.get(i).type().shape();
      copies.add(new StridedCopy(size, s.dims(), times(s.strides(), size), target));
      starts[i] = along * target[op.axis()];
      along += s.dim(op.axis());
    }
    return CpuKernel.plain(
        inputs,
        0,
        (x, y, scratch) -> {
          for (int i = 0; i < starts.length; i++) {
            copies.get(i).run(pool, x[i], 0, y, starts[i]);
          }
        });
  }

  private static Kernel gather(List<Operand> inputs, WorkPool pool) {
    TensorType table = inputs.get(0).type();
    TensorType ids = inputs.get(1).type();
    GatherRows gather =
        new GatherRows(
            table.dtype(),
            table.shape().dim(0),
            table.shape().dim(1),
            ids.dtype(),
            ids.shape().elements());
    return CpuKernel.plain(inputs, 0, (x, y, scratch) -> gather.run(pool, x[0], x[1], y));
  }

  /** PyTorch's source index for a result of {@code out} pixels: min(⌊i·(in/out)⌋, in − 1). */
  private static int[] sources(int in, int out) {
    float scale = (float) in / out;
    int[] source = new int[out];
    for (int i = 0; i < out; i++) {
      source[i] = Math.min((int) (i * scale), in - 1);
    }
    return source;
  }

  private static Kernel upsample(List<Operand> inputs, Shape out, WorkPool pool) {
    Shape in = inputs.getFirst().type().shape();
    int[] rows = sources(in.dim(1), out.dim(1));
    int[] columns = sources(in.dim(2), out.dim(2));
    long pixel = 4L * out.dim(3);
    return CpuKernel.plain(
        inputs,
        0,
        (x, y, scratch) ->
            pool.parallel(
                out.dim(0) * rows.length,
                task -> {
                  int n = task / rows.length;
                  int row = task % rows.length;
                  long from = ((long) n * in.dim(1) + rows[row]) * in.dim(2) * pixel;
                  long to = (long) task * columns.length * pixel;
                  for (int c = 0; c < columns.length; c++) {
                    MemorySegment.copy(x[0], from + columns[c] * pixel, y, to + c * pixel, pixel);
                  }
                }));
  }
}
