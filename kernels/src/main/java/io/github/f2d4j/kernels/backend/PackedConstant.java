package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.kernels.device.Gpu;

/** A model's parameter in a GPU's memory, in the precision that kernels want it in. */
record PackedConstant(Gpu gpu, Precision from, Precision to, long elements) implements Packing {
  @Override
  public GpuBuffer pack(HostBuffer source) {
    if (from == to) {
      return GpuBuffer.copyOf(gpu, source);
    }
    GpuBuffer converted = GpuBuffer.allocateBeside(gpu, source, packedBytes(source.bytes()));
    GpuBuffer raw = GpuBuffer.of(gpu, source.segment());
    GpuKernel.convert(gpu, from, raw.address(), to, converted.address(), elements);
    raw.free();
    return converted;
  }

  @Override
  public long packedBytes(long sourceBytes) {
    return sourceBytes / from.bytes() * to.bytes();
  }
}
