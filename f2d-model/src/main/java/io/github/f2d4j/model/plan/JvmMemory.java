package io.github.f2d4j.model.plan;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalLong;

/**
 * What the JVM itself takes, and may take.
 *
 * @param youngBytes size of the heap's young generation, all of which is touched in turn
 * @param heapLimitBytes the heap's limit
 * @param offHeapLimitBytes the limit of the memory that holds tensors
 */
record JvmMemory(long youngBytes, long heapLimitBytes, long offHeapLimitBytes) {
  /**
   * Resident memory of the JVM beside the young generation once it has made a picture: libraries,
   * classes, compiled code, the compiler, the collector, threads, and what lives in the heap.
   * Measured with Temurin 25 on Linux x86-64.
   */
  static final long BASE_BYTES = 112L << 20;

  /** The limits of this JVM. */
  static JvmMemory ofThisJvm() {
    long heap = Runtime.getRuntime().maxMemory();
    long young = Math.min(option("MaxNewSize").orElse(heap / 3), heap);
    long direct = option("MaxDirectMemorySize").orElse(0);
    return new JvmMemory(young, heap, direct > 0 ? direct : heap);
  }

  private static OptionalLong option(String name) {
    try {
      HotSpotDiagnosticMXBean bean =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return OptionalLong.of(Long.parseLong(bean.getVMOption(name).getValue()));
    } catch (IllegalArgumentException e) {
      return OptionalLong.empty(); // This JVM has no such option.
    }
  }
}
