package io.github.f2d4j.engine.cpu.normalize;

import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.cpu.kernel.Collapsed;
import io.github.f2d4j.engine.cpu.kernel.CpuKernel;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.ReduceOp;
import io.github.f2d4j.engine.op.ReduceOp.Reduce;
import io.github.f2d4j.engine.op.ReduceOp.ReduceKind;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiles the operators of {@link ReduceOp}. Neighbouring axes that are reduced together are one;
 * where several remain, the innermost is reduced first.
 */
public final class ReduceKernels {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private ReduceKernels() {}

  /** The kernel that computes {@code op} of {@code inputs}, with the threads of {@code pool}. */
  public static Kernel compile(
      ReduceOp op, List<Operand> inputs, TensorType output, WorkPool pool) {
    return switch (op) {
      case Reduce r -> reduce(r, inputs, output.shape(), pool);
    };
  }

  private static Kernel reduce(Reduce op, List<Operand> inputs, Shape out, WorkPool pool) {
    Shape in = inputs.getFirst().type().shape();
    if (in.elements() == 0) {
      return CpuKernel.plain(inputs, 0, (x, y, scratch) -> fill(y, out.elements(), ofNothing(op)));
    }
    List<Reduction> stages = stages(op, in);
    if (stages.isEmpty()) {
      return CpuKernel.plain(
          inputs, 0, (x, y, scratch) -> MemorySegment.copy(x[0], 0, y, 0, 4 * in.elements()));
    }
    // Results of all stages but the last, then the largest stage's own scratch.
    long[] starts = new long[stages.size()];
    long used = 0;
    long own = 0;
    for (int s = 0; s < starts.length; s++) {
      starts[s] = used;
      used += s < starts.length - 1 ? 4 * stages.get(s).results() : 0;
      own = Math.max(own, stages.get(s).scratchBytes());
    }
    long ownStart = used;
    return CpuKernel.plain(
        inputs,
        ownStart + own,
        (x, y, scratch) -> {
          int last = starts.length - 1;
          for (int s = 0; s <= last; s++) {
            MemorySegment from = s == 0 ? x[0] : scratch;
            MemorySegment to = s == last ? y : scratch;
            stages
                .get(s)
                .run(
                    pool,
                    from,
                    s == 0 ? 0 : starts[s - 1],
                    to,
                    s == last ? 0 : starts[s],
                    scratch,
                    ownStart);
          }
        });
  }

  private static List<Reduction> stages(Reduce op, Shape in) {
    // Seen as a view that does not move along reduced axes, neighbours merge only among their kind.
    long[] kept = new long[in.rank()];
    long step = 1;
    for (int d = in.rank() - 1; d >= 0; d--) {
      if (!op.axes().contains(d)) {
        kept[d] = step;
        step *= in.dim(d);
      }
    }
    Collapsed axes = Collapsed.of(in.dims(), List.of(in.strides(), kept));
    int[] dims = axes.dims();
    long outer = in.elements();
    long inner = 1;
    double count = in.elements() / (double) step;
    int left = 0;
    for (int d = 0; d < dims.length; d++) {
      left += axes.strides()[1][d] == 0 ? 1 : 0;
    }
    List<Reduction> stages = new ArrayList<>();
    for (int d = dims.length - 1; d >= 0; d--) {
      outer /= dims[d];
      if (axes.strides()[1][d] != 0) {
        inner *= dims[d];
      } else if (dims[d] > 1) {
        left--;
        boolean divide = left == 0 && op.kind() == ReduceKind.MEAN;
        stages.add(new Reduction(op.kind(), outer, dims[d], inner, divide ? count : 1));
      }
    }
    return stages;
  }

  private static float ofNothing(Reduce op) {
    return switch (op.kind()) {
      case SUM -> 0f;
      case MEAN -> Float.NaN;
      case MAX -> Float.NEGATIVE_INFINITY;
      case MIN -> Float.POSITIVE_INFINITY;
    };
  }

  private static void fill(MemorySegment y, long n, float value) {
    for (long i = 0; i < n; i++) {
      y.set(FLOAT, 4 * i, value);
    }
  }
}
