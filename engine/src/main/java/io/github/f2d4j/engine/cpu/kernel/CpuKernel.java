package io.github.f2d4j.engine.cpu.kernel;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kernel whose body sees plain memory. Inputs that rest as float16 or bfloat16 are widened to
 * float32 before the body sees them: once and for all where they are constant, else at each run.
 */
public final class CpuKernel implements Kernel {
  /** What a kernel computes. */
  public interface Body {
    /** As {@link Kernel#run}. */
    void run(MemorySegment[] inputs, MemorySegment output, MemorySegment scratch);
  }

  /** Widens float16 or bfloat16 to float32. */
  record Widen(DType from) implements Packing {
    @Override
    public Buffer pack(HostBuffer source) {
      long n = source.bytes() / from.bytes();
      HostBuffer wide = source.allocateBeside(4 * n);
      Casts.cast(from, source.segment(), 0, DType.F32, wide.segment(), 0, n);
      return wide;
    }

    @Override
    public long packedBytes(long sourceBytes) {
      return sourceBytes / from.bytes() * 4;
    }
  }

  private final List<Operand> inputs;
  private final boolean widens;
  private final long bodyScratch;
  private final long scratch;
  private final Body body;

  private CpuKernel(List<Operand> inputs, boolean widens, long bodyScratch, Body body) {
    this.inputs = List.copyOf(inputs);
    this.widens = widens;
    this.bodyScratch = aligned(bodyScratch);
    this.body = body;
    long wide = 0;
    for (Operand o : inputs) {
      if (widensWhenRun(o)) {
        wide += aligned(4 * o.type().shape().elements());
      }
    }
    scratch = this.bodyScratch + wide;
  }

  /** A kernel whose body sees float32 wherever an input is float16 or bfloat16. */
  public static Kernel widening(List<Operand> inputs, long scratchBytes, Body body) {
    return new CpuKernel(inputs, true, scratchBytes, body);
  }

  /** A kernel whose body sees inputs as they are. */
  public static Kernel plain(List<Operand> inputs, long scratchBytes, Body body) {
    return new CpuKernel(inputs, false, scratchBytes, body);
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, HostBuffer.ALIGNMENT) * HostBuffer.ALIGNMENT;
  }

  private boolean narrow(Operand o) {
    return widens && (o.type().dtype() == DType.F16 || o.type().dtype() == DType.BF16);
  }

  private boolean widensWhenRun(Operand o) {
    return narrow(o) && !o.constant();
  }

  /** The class that the body is written in. */
  @Override
  public String name() {
    String written = body.getClass().getName();
    int lambda = written.indexOf("$$");
    String host = lambda < 0 ? written : written.substring(0, lambda);
    return host.substring(host.lastIndexOf('.') + 1);
  }

  @Override
  public long scratchBytes() {
    return scratch;
  }

  @Override
  public @Nullable Packing packing(int index) {
    Operand o = inputs.get(index);
    return narrow(o) && o.constant() ? new Widen(o.type().dtype()) : null;
  }

  @Override
  public void run(List<Buffer> buffers, Buffer output, Buffer scratchBuffer) {
    MemorySegment memory = segment(scratchBuffer);
    MemorySegment[] in = new MemorySegment[buffers.size()];
    long used = bodyScratch;
    for (int i = 0; i < in.length; i++) {
      in[i] = segment(buffers.get(i));
      Operand o = inputs.get(i);
      if (widensWhenRun(o)) {
        long n = o.type().shape().elements();
        MemorySegment wide = memory.asSlice(used, 4 * n);
        Casts.cast(o.type().dtype(), in[i], 0, DType.F32, wide, 0, n);
        in[i] = wide;
        used += aligned(4 * n);
      }
    }
    body.run(in, segment(output), memory);
  }

  private static MemorySegment segment(Buffer buffer) {
    return ((HostBuffer) buffer).segment();
  }
}
