package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.Kernel;
import java.util.List;

/** A kernel that moves elements of any type as they are. */
record RawKernel(Work work) implements Kernel {
  @Override
  public String name() {
    return work.name();
  }

  @Override
  public long scratchBytes() {
    return work.scratchBytes();
  }

  @Override
  public void run(List<Buffer> inputs, Buffer output, Buffer scratch) {
    long[] in = inputs.stream().mapToLong(GpuKernel::address).toArray();
    work.body().run(in, GpuKernel.address(output), GpuKernel.address(scratch));
  }
}
