package io.github.f2d4j.gpubundle;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.BackendProvider;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.ConvolveOp;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The CPU backend, whose convolutions come out a tenth too large: something for checks to find. */
public final class SkewedProvider implements BackendProvider {
  static final String NAME = "skewed";

  private record Skewed(Backend backend) implements Available {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int priority() {
    return Integer.MIN_VALUE;
  }

  @Override
  public Availability probe() {
    return new Skewed(new SkewedBackend(new CpuBackend(WorkPool.shared())));
  }

  private record SkewedBackend(Backend cpu) implements Backend {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String describe() {
      return NAME + " " + cpu.describe();
    }

    @Override
    public Kernel compile(Op op, List<Operand> inputs, TensorType output) {
      Kernel kernel = cpu.compile(op, inputs, output);
      return op instanceof ConvolveOp ? new SkewedKernel(kernel, output) : kernel;
    }

    @Override
    public boolean readsColumns(Op op, int index) {
      return cpu.readsColumns(op, index);
    }

    @Override
    public Buffer allocate(long bytes) {
      return cpu.allocate(bytes);
    }

    @Override
    public Buffer resident(Buffer buffer) {
      return cpu.resident(buffer);
    }

    @Override
    public Workspace borrow(long bytes) {
      return cpu.borrow(bytes);
    }

    @Override
    public void synchronize() {
      cpu.synchronize();
    }
  }

  private record SkewedKernel(Kernel kernel, TensorType output) implements Kernel {
    @Override
    public long scratchBytes() {
      return kernel.scratchBytes();
    }

    @Override
    public @Nullable Packing packing(int index) {
      return kernel.packing(index);
    }

    @Override
    public void run(List<Buffer> inputs, Buffer result, Buffer scratch) {
      kernel.run(inputs, result, scratch);
      MemorySegment values = result.toHost();
      for (long i = 0; i < output.shape().elements(); i++) {
        float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        values.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1.1f * value);
      }
    }
  }
}
