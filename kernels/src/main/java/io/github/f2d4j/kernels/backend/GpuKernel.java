package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.kernels.catalog.Elementwise;
import io.github.f2d4j.kernels.device.Gpu;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kernel whose work sees all numbers in one precision: what lies in another is converted on the
 * way in and out, constants when they are packed.
 */
final class GpuKernel implements Kernel {
  /** Scratch memory starts at multiples of this, as the pieces of a plan's memory do. */
  private static final long ALIGNMENT = 64;

  private final Gpu gpu;
  private final Precision precision;
  private final Work work;
  private final List<Operand> inputs;
  private final TensorType output;
  private final long scratch;

  GpuKernel(Gpu gpu, Precision precision, Work work, List<Operand> inputs, TensorType output) {
    this.gpu = gpu;
    this.precision = precision;
    this.work = work;
    this.inputs = List.copyOf(inputs);
    this.output = output;
    long bytes = aligned(work.scratchBytes());
    for (Operand o : inputs) {
      bytes += converts(o) ? aligned(precision.bytes() * span(o)) : 0;
    }
    this.scratch = bytes + (converts(output.dtype()) ? precision.bytes() * elements(output) : 0);
  }

  static long aligned(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  private static long elements(TensorType type) {
    return type.shape().elements();
  }

  /** Elements from an operand's first to its last, those between its rows included. */
  static long span(Operand o) {
    long elements = elements(o.type());
    int row = o.type().shape().rank() == 0 ? 1 : o.type().shape().dim(-1);
    return elements == 0 || row == o.pitch() ? elements : (elements / row - 1) * o.pitch() + row;
  }

  private boolean converts(DType type) {
    return type.isComputable() && type != precision.dtype();
  }

  private boolean converts(Operand o) {
    return !o.constant() && converts(o.type().dtype());
  }

  @Override
  public String name() {
    return work.name();
  }

  /** Whether a run does nothing but queue work, so that it can be recorded. */
  boolean canBeRecorded() {
    return !work.waits();
  }

  @Override
  public long scratchBytes() {
    return scratch;
  }

  @Override
  public @Nullable Packing packing(int index) {
    Packing special = work.packings().get(index);
    DType type = inputs.get(index).type().dtype();
    if (special != null) {
      return special;
    }
    return type.isComputable()
        ? new PackedConstant(gpu, Precision.of(type), precision, elements(inputs.get(index).type()))
        : null;
  }

  @Override
  public void run(List<Buffer> buffers, Buffer result, Buffer scratchBuffer) {
    if (elements(output) == 0) {
      return;
    }
    long free = address(scratchBuffer);
    long forWork = free;
    free += aligned(work.scratchBytes());
    long[] in = new long[buffers.size()];
    for (int i = 0; i < in.length; i++) {
      in[i] = address(buffers.get(i));
      Operand o = inputs.get(i);
      if (converts(o)) {
        convert(gpu, Precision.of(o.type().dtype()), in[i], precision, free, span(o));
        in[i] = free;
        free += aligned(precision.bytes() * span(o));
      }
    }
    long out = address(result);
    if (converts(output.dtype())) {
      work.body().run(in, free, forWork);
      convert(gpu, precision, free, Precision.of(output.dtype()), out, elements(output));
    } else {
      work.body().run(in, out, forWork);
    }
  }

  static long address(Buffer buffer) {
    return ((GpuBuffer) buffer).address();
  }

  /** Queues the conversion of {@code count} numbers at {@code x} into {@code y}. */
  static void convert(Gpu gpu, Precision from, long x, Precision to, long y, long count) {
    if (count > 0) {
      new Elementwise.Cast(from.element(), to.element(), Math.toIntExact(count))
          .launches(x, y)
          .forEach(gpu::launch);
    }
  }
}
