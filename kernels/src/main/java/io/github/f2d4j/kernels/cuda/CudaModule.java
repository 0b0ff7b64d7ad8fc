package io.github.f2d4j.kernels.cuda;

import java.lang.foreign.MemorySegment;

/** Kernels that the driver has compiled for its GPU. */
public final class CudaModule implements AutoCloseable {
  private final DriverApi api;
  private final long handle;
  private boolean open = true;

  CudaModule(DriverApi api, String ptx) {
    this.api = api;
    this.handle = api.loadModule(ptx);
  }

  /**
   * The kernel {@code name}.
   *
   * @param sharedBytes the most dynamic shared memory that it will be launched with; above 48 KiB
   *     the driver must know before
   */
  public CudaFunction function(String name, int sharedBytes) {
    MemorySegment function = api.function(handle, name);
    if (sharedBytes > CudaFunction.SHARED_WITHOUT_ASKING) {
      api.setFunctionAttribute(function, DriverApi.MAX_DYNAMIC_SHARED, sharedBytes);
    }
    return new CudaFunction(api, name, function);
  }

  /** The device address of the global variable {@code name}. */
  public long global(String name) {
    return api.global(handle, name);
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      api.unloadModule(handle);
    }
  }
}
