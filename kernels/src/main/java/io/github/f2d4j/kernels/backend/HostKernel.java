package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.kernels.device.Gpu;
import java.util.ArrayList;
import java.util.List;

/**
 * An operator that no model needs often enough for a kernel of its own, such as the conversion of
 * whole numbers: the host computes it between two copies.
 */
record HostKernel(Gpu gpu, Kernel kernel) implements Kernel {
  @Override
  public String name() {
    return "host " + kernel.name();
  }

  @Override
  public void run(List<Buffer> inputs, Buffer output, Buffer scratch) {
    if (output.bytes() == 0) {
      return;
    }
    List<Buffer> host = new ArrayList<>();
    for (Buffer input : inputs) {
      host.add(HostBuffer.of(input.toHost()));
    }
    HostBuffer result = HostBuffer.allocate(output.bytes());
    kernel.run(host, result, HostBuffer.allocate(kernel.scratchBytes()));
    gpu.upload(result.segment(), GpuKernel.address(output));
  }
}
