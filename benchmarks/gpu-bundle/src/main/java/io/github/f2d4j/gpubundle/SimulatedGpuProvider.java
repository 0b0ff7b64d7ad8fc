package io.github.f2d4j.gpubundle;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.BackendProvider;
import io.github.f2d4j.kernels.backend.CudaBackend;
import io.github.f2d4j.kernels.backend.CudaOptions;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.device.SimulatedGpu;
import io.github.f2d4j.kernels.setup.CudaMode;
import io.github.f2d4j.kernels.setup.CudaMode.Convolutions;
import io.github.f2d4j.kernels.setup.CudaMode.Products;

/**
 * The CUDA backend on a simulated GPU, for rehearsals. It is offered everywhere and taken only
 * where {@code -Df2d4j.backend=simulated} asks for it: it is ten thousand times as slow as the CPU.
 */
public final class SimulatedGpuProvider implements BackendProvider {
  static final String NAME = "simulated";

  /** For the service loader. */
  public SimulatedGpuProvider() {}

  private record Simulated(Backend backend) implements Available {}

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
    CudaMode everything = new CudaMode(true, Products.FUSED, Convolutions.CUDNN);
    SimulatedGpu gpu = new SimulatedGpu(PtxSet.SM80, everything);
    return new Simulated(new CudaBackend(gpu, CudaOptions.ofThisProgram().precision()));
  }
}
