package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.cpu.kernel.CpuKernel;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.AttendOp;
import io.github.f2d4j.engine.op.AttendOp.Attention;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/** Compiles the operators of {@link AttendOp}. */
public final class AttendKernels {
  private AttendKernels() {}

  /** The kernel that computes {@code op} of {@code inputs}, with the threads of {@code pool}. */
  public static Kernel compile(
      AttendOp op, List<Operand> inputs, TensorType output, WorkPool pool) {
    return switch (op) {
      case Attention a -> {
        Shape q = inputs.get(0).type().shape();
        if (q.elements() == 0) {
          yield CpuKernel.plain(inputs, 0, (x, y, scratch) -> {});
        }
        AttendLayout layout =
            AttendLayout.of(inputs.get(0), inputs.get(1), inputs.get(2), a.heads());
        if (UnitAttention.fits(layout, a.causal())) {
          UnitAttention unit = new UnitAttention(layout, a.scale());
          yield CpuKernel.plain(inputs, 0, (x, y, scratch) -> unit.run(pool, x[0], x[1], x[2], y));
        }
        AttentionKernel kernel = new AttentionKernel(layout, a.scale(), a.causal());
        yield CpuKernel.plain(inputs, 0, (x, y, scratch) -> kernel.run(pool, x[0], x[1], x[2], y));
      }
    };
  }
}
