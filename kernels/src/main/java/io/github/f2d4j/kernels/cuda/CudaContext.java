package io.github.f2d4j.kernels.cuda;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;

import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;

/**
 * A GPU's primary context. A thread that uses anything made here calls {@link #makeCurrent()}
 * first. Memory, modules, streams and events must be closed before it.
 */
public final class CudaContext implements AutoCloseable {
  /** The context that was last made current for a thread; a thread may use several GPUs. */
  private static final ThreadLocal<CudaContext> CURRENT = new ThreadLocal<>();

  private final DriverApi api;
  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private boolean open = true;

  CudaContext(DriverApi api, int ordinal) {
    this.api = api;
    api.check("cuDeviceGet", cuDeviceGet(device, ordinal));
    api.check("cuDevicePrimaryCtxRetain", cuDevicePrimaryCtxRetain(context, device));
    makeCurrent();
  }

  /** The driver's functions. */
  public DriverApi api() {
    return api;
  }

  /** Makes this the context of the calling thread, unless it is. */
  public void makeCurrent() {
    if (!this.equals(CURRENT.get())) {
      api.check("cuCtxSetCurrent", cuCtxSetCurrent(context));
      CURRENT.set(this);
    }
  }

  /** Waits until the GPU has done everything that was asked of it. */
  public void synchronize() {
    api.check("cuCtxSynchronize", cuCtxSynchronize());
  }

  /** {@code bytes} of the GPU's memory; what is in them is not defined. */
  public DeviceMemory allocate(long bytes) {
    return new DeviceMemory(api, bytes);
  }

  /** {@code bytes} of the host's memory that the GPU reaches directly. */
  public PinnedMemory allocatePinned(long bytes) {
    return new PinnedMemory(api, bytes);
  }

  /** Compiles and loads PTX. */
  public CudaModule load(String ptx) {
    return new CudaModule(api, ptx);
  }

  /** A queue of work, which does not wait for the default stream. */
  public CudaStream newStream() {
    return new CudaStream(api);
  }

  /**
   * A mark in a queue of work.
   *
   * @param timed whether it will be asked for times; one that is not costs less
   */
  public CudaEvent newEvent(boolean timed) {
    return new CudaEvent(api, timed);
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      CURRENT.remove();
      api.check("cuDevicePrimaryCtxRelease_v2", cuDevicePrimaryCtxRelease(device));
    }
  }
}
