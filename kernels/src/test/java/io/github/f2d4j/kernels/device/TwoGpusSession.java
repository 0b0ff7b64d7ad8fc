package io.github.f2d4j.kernels.device;

import io.github.f2d4j.kernels.library.NativeLibrary;
import io.github.f2d4j.kernels.mock.MockLibrary;
import io.github.f2d4j.kernels.setup.CudaSetup;
import java.nio.file.Path;

/** One thread uses two GPUs of the mock; run in a JVM of its own. */
public final class TwoGpusSession {
  private TwoGpusSession() {}

  /** Takes the folder of the mocks. */
  public static void main(String[] args) {
    Path folder = Path.of(args[0]);
    MockLibrary driver = MockLibrary.load(folder, NativeLibrary.DRIVER, 1).set("devices", 2);
    CudaSetup setup = CudaSetup.examine(MockLibrary.loader(folder), null);
    CudaGpu second = CudaGpu.open(setup, setup.mode(), 1);
    CudaGpu first = CudaGpu.open(setup, setup.mode(), 0);
    System.out.println("gpu " + first.describe());
    System.out.println("gpu " + second.describe());
    driver.reset();
    second.allocate(300 << 10);
    first.allocate(300 << 10);
    first.allocate(300 << 10);
    second.allocate(300 << 10);
    // The context's address, or that memory was asked for.
    driver.calls().stream()
        .filter(c -> c.startsWith("cuCtxSetCurrent") || c.startsWith("cuMemAlloc"))
        .map(c -> c.startsWith("cuCtx") ? c.substring("cuCtxSetCurrent ".length()) : "J")
        .forEach(c -> System.out.println("TURN " + c));
  }
}
