package io.github.f2d4j.kernels.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.kernels.catalog.KernelLaunch;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.device.SimulatedGpu;
import io.github.f2d4j.kernels.setup.CudaMode;
import io.github.f2d4j.kernels.setup.CudaMode.Convolutions;
import io.github.f2d4j.kernels.setup.CudaMode.Products;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelfCheckTest {
  private static final CudaMode EVERYTHING = new CudaMode(true, Products.FUSED, Convolutions.CUDNN);

  @Test
  void aSimulatedGpuIsRight() {
    Backend backend = new CudaBackend(new SimulatedGpu(PtxSet.SM80, EVERYTHING), Precision.F16);
    assertEquals(List.of(), SelfCheck.of(backend));
  }

  @Test
  void aGpuThatDoesNothingInOneKernelIsFoundOut() {
    SimulatedGpu gpu =
        new SimulatedGpu(PtxSet.SM80, EVERYTHING) {
          @Override
          public synchronized void launch(KernelLaunch launch) {
            if (!launch.entry().startsWith("geglu")) {
              super.launch(launch);
            } else {
              upload(
                  java.lang.foreign.Arena.ofAuto().allocate(2 * 64 * 32 * 2),
                  launch.arguments().get(2).bits());
            }
          }
        };
    List<String> wrong = SelfCheck.of(new CudaBackend(gpu, Precision.F16));
    assertEquals(1, wrong.size(), wrong::toString);
    assertTrue(wrong.getFirst().contains("GEGLU"), wrong::toString);
    assertTrue(wrong.getFirst().contains("-Df2d4j.backend=cpu"), wrong::toString);
  }
}
