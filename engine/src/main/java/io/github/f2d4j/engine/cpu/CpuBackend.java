package io.github.f2d4j.engine.cpu;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.JoinedBuffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.WorkspacePool;
import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.Precision;
import io.github.f2d4j.engine.cpu.attend.AttendKernels;
import io.github.f2d4j.engine.cpu.elementwise.ElementwiseKernels;
import io.github.f2d4j.engine.cpu.gemm.ConvolveKernels;
import io.github.f2d4j.engine.cpu.gemm.MatMulKernels;
import io.github.f2d4j.engine.cpu.movement.MovementKernels;
import io.github.f2d4j.engine.cpu.normalize.NormalizeKernels;
import io.github.f2d4j.engine.cpu.normalize.ReduceKernels;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.simd.Lanes;
import io.github.f2d4j.engine.cpu.tuning.ConvolveChoice;
import io.github.f2d4j.engine.op.AttendOp;
import io.github.f2d4j.engine.op.ConvolveOp;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.MatMulOp;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.op.NormalizeOp;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.op.ReduceOp;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Runs plans on this machine's processors, in float32. Results depend neither on the number of
 * threads nor on the lane width, but their last bits do on whether the matrix unit is used.
 */
public final class CpuBackend implements Backend {
  /** System property that says how 3×3 convolutions of stride 1 are computed. */
  public static final String CONVOLVE_PROPERTY = ConvolveSetting.PROPERTY;

  /** What stands in {@link #name()} between {@code cpu} and another choice than the default. */
  public static final String CONVOLVE_MARK = "+winograd-";

  /** System property that can forbid the processor's matrix unit: {@code auto} or {@code off}. */
  public static final String AMX_PROPERTY = Amx.PROPERTY;

  /**
   * What stands in {@link #name()} behind {@code cpu} where the matrix unit is used; a hyphen and
   * the precision follow where it is not the highest.
   */
  public static final String AMX_MARK = "+amx";

  /**
   * System property that says how exactly the matrix unit multiplies, as PyTorch's {@code
   * set_float32_matmul_precision}: {@code highest}, which is float32 and the default, {@code high}
   * (the smallest two of eight products of digits are left out) or {@code medium} (bfloat16). Where
   * there is no such unit products are float32 whatever it says.
   */
  public static final String PRECISION_PROPERTY = Precision.PROPERTY;

  private final WorkPool pool;
  private final ConvolveChoice convolve;
  private final WorkspacePool workspaces = new WorkspacePool();

  /**
   * A backend whose kernels share the threads of {@code pool}. The system property {@code
   * f2d4j.winograd} says how 3×3 convolutions of stride 1 are computed: {@code auto} or nothing for
   * a fixed choice by shape, {@code off}, {@code f2} or {@code f4} for one algorithm wherever it is
   * possible, {@code tune} to measure once and remember.
   *
   * @throws IllegalArgumentException if it says anything else
   */
  public CpuBackend(WorkPool pool) {
    this(pool, ConvolveSetting.choice(System.getProperty(ConvolveSetting.PROPERTY), pool));
  }

  /**
   * A backend whose kernels share the threads of {@code pool}.
   *
   * @param convolve chooses the algorithm of 3×3 convolutions of stride 1
   */
  public CpuBackend(WorkPool pool, ConvolveChoice convolve) {
    this.pool = pool;
    this.convolve = convolve;
  }

  /** The processor's matrix unit if it is used, else why not. */
  public static String matrixUnit() {
    return Amx.describe();
  }

  /**
   * {@code cpu}; {@code +amx} follows where the processor's matrix unit is used (with its
   * precision, if that is not the highest), and {@code +winograd-} and its name another than the
   * default choice of algorithms, because results then differ.
   */
  @Override
  public String name() {
    String precision = Amx.exact() ? "" : "-" + Amx.precision().word();
    String unit = Amx.used() ? AMX_MARK + precision : "";
    String choice = convolve.name().equals("auto") ? "" : CONVOLVE_MARK + convolve.name();
    return "cpu" + unit + choice;
  }

  @Override
  public String describe() {
    String unit = Amx.used() ? ", " + Amx.describe() : "";
    return "cpu, " + Lanes.describe() + unit + ", " + pool.threads() + " threads";
  }

  @Override
  public Kernel compile(Op op, List<Operand> inputs, TensorType output) {
    return switch (op) {
      case ElementwiseOp e -> ElementwiseKernels.compile(e, inputs, output, pool);
      case ReduceOp r -> ReduceKernels.compile(r, inputs, output, pool);
      case MatMulOp m -> MatMulKernels.compile(m, inputs, output, pool);
      case ConvolveOp c -> ConvolveKernels.compile(c, inputs, output, pool, convolve);
      case NormalizeOp n -> NormalizeKernels.compile(n, inputs, output, pool);
      case AttendOp a -> AttendKernels.compile(a, inputs, output, pool);
      case MovementOp m -> MovementKernels.compile(m, inputs, output, pool);
    };
  }

  @Override
  public boolean readsColumns(Op op, int input) {
    return op instanceof AttendOp;
  }

  @Override
  public Buffer allocate(long bytes) {
    return HostBuffer.allocate(bytes);
  }

  @Override
  public Buffer allocateBeside(Buffer owner, long bytes) {
    return switch (owner) {
      case HostBuffer h -> h.allocateBeside(bytes);
      case JoinedBuffer j -> j.parts().getFirst().allocateBeside(bytes);
      case Buffer _ -> allocate(bytes);
    };
  }

  @Override
  public Buffer resident(Buffer buffer) {
    return buffer instanceof HostBuffer h ? h : HostBuffer.of(buffer.toHost());
  }

  @Override
  public Workspace borrow(long bytes) {
    return workspaces.borrow(bytes);
  }

  @Override
  public void trim() {
    workspaces.trim();
  }

  /** The working memory of its plans. */
  public WorkspacePool workspaces() {
    return workspaces;
  }

  @Override
  public void parallel(int tasks, IntConsumer body) {
    pool.parallel(tasks, body);
  }

  @Override
  public void synchronize() {
    // Kernels return when they are done.
  }
}
