package io.github.f2d4j.kernels.cuda;

import io.github.f2d4j.kernels.library.LoadedLibrary;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The driver's symbols behind the JCuda methods that are called here. JCuda binds lazily, and a
 * call to a symbol that the driver lacks ends the JVM without a word: so all are looked up first.
 */
final class JCudaSymbols {
  /** Method of {@code jcuda.driver.JCudaDriver}, and the symbol that its native code calls. */
  static final Map<String, String> BY_METHOD =
      Map.ofEntries(
          Map.entry("cuDeviceGet", "cuDeviceGet"),
          Map.entry("cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRetain"),
          Map.entry("cuDevicePrimaryCtxRelease", "cuDevicePrimaryCtxRelease_v2"),
          Map.entry("cuCtxSetCurrent", "cuCtxSetCurrent"),
          Map.entry("cuCtxSynchronize", "cuCtxSynchronize"),
          Map.entry("cuMemAlloc", "cuMemAlloc_v2"),
          Map.entry("cuMemFree", "cuMemFree_v2"),
          Map.entry("cuMemHostAlloc", "cuMemHostAlloc"),
          Map.entry("cuMemFreeHost", "cuMemFreeHost"),
          Map.entry("cuMemcpyHtoDAsync", "cuMemcpyHtoDAsync_v2"),
          Map.entry("cuMemcpyDtoHAsync", "cuMemcpyDtoHAsync_v2"),
          Map.entry("cuMemcpyDtoDAsync", "cuMemcpyDtoDAsync_v2"),
          Map.entry("cuMemsetD8Async", "cuMemsetD8Async"),
          Map.entry("cuStreamCreate", "cuStreamCreate"),
          Map.entry("cuStreamSynchronize", "cuStreamSynchronize"),
          Map.entry("cuStreamWaitEvent", "cuStreamWaitEvent"),
          Map.entry("cuStreamBeginCapture", "cuStreamBeginCapture_v2"),
          Map.entry("cuStreamEndCapture", "cuStreamEndCapture"),
          Map.entry("cuStreamDestroy", "cuStreamDestroy_v2"),
          Map.entry("cuEventCreate", "cuEventCreate"),
          Map.entry("cuEventRecord", "cuEventRecord"),
          Map.entry("cuEventSynchronize", "cuEventSynchronize"),
          Map.entry("cuEventDestroy", "cuEventDestroy_v2"),
          Map.entry("cuGraphInstantiate", "cuGraphInstantiateWithFlags"),
          Map.entry("cuGraphLaunch", "cuGraphLaunch"),
          Map.entry("cuGraphExecDestroy", "cuGraphExecDestroy"),
          Map.entry("cuGraphDestroy", "cuGraphDestroy"));

  private JCudaSymbols() {}

  /** The symbols that {@code driver} lacks. */
  static List<String> missing(LoadedLibrary driver) {
    return new TreeMap<>(BY_METHOD).values().stream().filter(s -> !driver.has(s)).toList();
  }
}
