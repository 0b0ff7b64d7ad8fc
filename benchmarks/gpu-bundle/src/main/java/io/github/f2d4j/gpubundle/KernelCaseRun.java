package io.github.f2d4j.gpubundle;

import io.github.f2d4j.kernels.catalog.GpuDevice;
import io.github.f2d4j.kernels.catalog.KernelCase;
import io.github.f2d4j.kernels.catalog.KernelCases;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.library.CudaException;
import java.util.ArrayList;
import java.util.List;

/** Every case of every set of kernels that this GPU runs. */
final class KernelCaseRun {
  private KernelCaseRun() {}

  private record Run(PtxSet set, KernelCase kernelCase) {}

  static int run(Events events, int first) {
    try (GpuDevice gpu = GpuDevice.open()) {
      List<Run> runs = new ArrayList<>();
      for (PtxSet set : gpu.sets()) {
        KernelCases.all(set).forEach(c -> runs.add(new Run(set, c)));
      }
      for (Run run : runs.subList(Math.min(first, runs.size()), runs.size())) {
        events.start(run.set + " " + run.kernelCase);
        gpu.use(run.set);
        try {
          run.kernelCase.body().run(gpu);
        } catch (CudaException e) {
          events.fail(e.getMessage());
          Runtime.getRuntime().halt(StepProcess.AGAIN); // the context is lost, and with it close()
        } catch (AssertionError | RuntimeException e) {
          events.fail(e.toString());
          gpu.finish();
          continue;
        }
        String broken = gpu.finish();
        if (broken == null) {
          events.pass();
        } else {
          events.fail(broken);
        }
      }
    }
    return 0;
  }
}
