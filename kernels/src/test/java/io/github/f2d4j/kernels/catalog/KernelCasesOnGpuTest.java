package io.github.f2d4j.kernels.catalog;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The cases that prove the kernels on the interpreter, on a GPU; skipped where there is none. */
class KernelCasesOnGpuTest {
  private static @Nullable GpuDevice gpu;

  @TestFactory
  List<DynamicTest> everySetThatItRuns() {
    List<String> obstacles = GpuDevice.obstacles();
    Assumptions.assumeTrue(obstacles.isEmpty(), () -> "no GPU: " + obstacles);
    GpuDevice device = GpuDevice.open();
    gpu = device;
    List<DynamicTest> tests = new ArrayList<>();
    for (PtxSet set : device.sets()) {
      for (KernelCase c : KernelCases.all(set)) {
        tests.add(
            dynamicTest(
                set + " " + c,
                () -> {
                  device.context().makeCurrent();
                  device.use(set);
                  try {
                    c.body().run(device);
                  } finally {
                    assertNull(device.finish());
                  }
                }));
      }
    }
    return tests;
  }

  @AfterAll
  static void close() {
    GpuDevice device = gpu;
    if (device != null) {
      device.close();
    }
  }
}
