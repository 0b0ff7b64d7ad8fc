package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.KernelSequence;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.SequenceRunner;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.AttendOp;
import io.github.f2d4j.engine.op.ConvolveOp;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.MatMulOp;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.op.NormalizeOp;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.op.ReduceOp;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.device.Gpu;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs plans on a GPU. What a run is given and gives is what the engine says, float32; between its
 * operators numbers are kept in this backend's precision from the first product on. Sums are always
 * float32.
 */
public final class CudaBackend implements Backend {
  private final Gpu gpu;
  private final Precision precision;
  private final GpuWorkspaces workspaces;
  private final Recordings recordings;

  private final boolean records;

  /** For what overflows in float16; made when something first does. */
  private @Nullable CudaBackend wider;

  /** Copies of host memory, which does not change once a tensor owns it. */
  private final Map<Buffer, GpuBuffer> residents = new WeakHashMap<>();

  /** A backend on {@code gpu} that records plans. */
  public CudaBackend(Gpu gpu, Precision precision) {
    this(gpu, precision, true);
  }

  /**
   * A backend on {@code gpu}.
   *
   * @param records whether a plan that runs again is recorded, to be queued with one call
   */
  public CudaBackend(Gpu gpu, Precision precision, boolean records) {
    this.gpu = gpu;
    this.precision = precision;
    this.records = records;
    this.workspaces = new GpuWorkspaces(gpu);
    this.recordings = new Recordings(gpu, workspaces, records);
  }

  /** {@code cuda} and the precision, because results differ. */
  @Override
  public String name() {
    return precision == Precision.F16 ? "cuda" : "cuda+" + precision.dtype();
  }

  @Override
  public String describe() {
    return "cuda, " + precision.dtype() + ", " + gpu.describe() + "; " + recordings.describe();
  }

  /**
   * Products, convolutions, attention and normalisations give this backend's precision. What only
   * moves or changes single numbers keeps that of its operands: so angles of time embeddings, and
   * whatever else comes before the first product, stay float32.
   */
  @Override
  public DType holds(Op op, List<Operand> inputs, TensorType output) {
    if (output.dtype() != DType.F32) {
      return output.dtype();
    }
    return switch (op) {
      case MatMulOp _, ConvolveOp _, NormalizeOp _, AttendOp _ -> precision.dtype();
      case ElementwiseOp.Cast _ -> output.dtype();
      case ElementwiseOp _, ReduceOp _, MovementOp _ -> among(inputs, output).dtype();
    };
  }

  /** This backend's precision if any value of an operator has it, else float32. */
  private Precision among(List<Operand> inputs, TensorType output) {
    boolean narrow = output.dtype() == precision.dtype();
    for (Operand o : inputs) {
      narrow |= !o.constant() && o.type().dtype() == precision.dtype();
    }
    return narrow ? precision : Precision.F32;
  }

  @Override
  public Kernel compile(Op op, List<Operand> inputs, TensorType output) {
    if (op instanceof ElementwiseOp.Cast c) {
      return cast(c, inputs, output);
    }
    if (op instanceof MovementOp m && !output.dtype().isComputable()) {
      return new RawKernel(Movements.compile(gpu, output.dtype().bytes(), m, inputs, output));
    }
    Precision p = among(inputs, output);
    Work work =
        switch (op) {
          case ElementwiseOp e -> Elementwises.compile(gpu, p, e, inputs, output);
          case ReduceOp r ->
              Reductions.compile(gpu, p, r, inputs.getFirst().type().shape(), output);
          case MatMulOp m -> MatMuls.compile(gpu, p, m, inputs);
          case ConvolveOp.Conv2d c -> Convolutions.compile(gpu, p, c, inputs, output);
          case ConvolveOp.Pool2d c -> Reductions.pool(gpu, p, c, inputs, output);
          case NormalizeOp n -> Normalizations.compile(gpu, p, n, inputs);
          case AttendOp a -> Attentions.compile(gpu, p, a, inputs);
          case MovementOp.Gather g -> Gathers.compile(gpu, p, g, inputs);
          case MovementOp m -> Movements.compile(gpu, p.bytes(), m, inputs, output);
        };
    return new GpuKernel(gpu, p, work, inputs, output);
  }

  /** Among floats a copy or a kernel; whole numbers are converted by the host. */
  private Kernel cast(ElementwiseOp.Cast op, List<Operand> inputs, TensorType output) {
    DType from = inputs.getFirst().type().dtype();
    if (!from.isComputable() || !output.dtype().isComputable()) {
      CpuBackend host = new CpuBackend(WorkPool.shared());
      return new HostKernel(gpu, host.compile(op, inputs, output));
    }
    // The conversion is what a kernel does to operands that have another precision.
    Precision p = Precision.of(output.dtype());
    Work copy =
        Movements.compile(gpu, p.bytes(), new MovementOp.Reshape(output.shape()), inputs, output);
    return new GpuKernel(gpu, p, copy, inputs, output);
  }

  @Override
  public boolean readsColumns(Op op, int index) {
    return op instanceof AttendOp;
  }

  /** In bfloat16, which has the range of float32; in float32 on GPUs that do not multiply it. */
  @Override
  public synchronized @Nullable Backend wider() {
    if (precision == Precision.F16 && wider == null) {
      Precision other = gpu.kernels() == PtxSet.SM80 ? Precision.BF16 : Precision.F32;
      wider = new CudaBackend(gpu, other, records);
    }
    return wider;
  }

  @Override
  public Buffer allocate(long bytes) {
    return GpuBuffer.allocate(gpu, bytes);
  }

  @Override
  public Buffer resident(Buffer buffer) {
    if (buffer instanceof GpuBuffer there && there.isOn(gpu)) {
      return buffer;
    }
    synchronized (residents) {
      return residents.computeIfAbsent(buffer, b -> GpuBuffer.copyOf(gpu, b));
    }
  }

  @Override
  public Buffer allocateBeside(Buffer owner, long bytes) {
    return GpuBuffer.allocateBeside(gpu, owner, bytes);
  }

  @Override
  public Workspace borrow(long bytes) {
    try {
      return workspaces.borrow(bytes);
    } catch (OutOfMemoryError e) {
      recordings.clear(); // They hold working memory, and can be made again.
      return workspaces.borrow(bytes);
    }
  }

  @Override
  public @Nullable SequenceRunner runner(KernelSequence sequence) {
    return recordings.runner(sequence);
  }

  @Override
  public void trim() {
    CudaBackend other;
    synchronized (this) {
      other = wider;
    }
    if (other != null) {
      other.trim();
    }
    recordings.clear();
    workspaces.trim();
    gpu.trim();
  }

  @Override
  public void synchronize() {
    gpu.synchronize();
  }

  /** The GPU's precision of values that only its own kernels see. */
  public Precision precision() {
    return precision;
  }
}
