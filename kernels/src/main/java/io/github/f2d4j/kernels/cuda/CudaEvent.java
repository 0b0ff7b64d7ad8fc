package io.github.f2d4j.kernels.cuda;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;

import io.github.f2d4j.kernels.cuda.JCudaHandles.Event;
import jcuda.driver.CUevent;

/** A mark in a stream. */
public final class CudaEvent implements AutoCloseable {
  private static final int DISABLE_TIMING = 2;

  private final DriverApi api;
  private final boolean timed;
  private final Event handle = new Event();
  private boolean open = true;

  CudaEvent(DriverApi api, boolean timed) {
    this.api = api;
    this.timed = timed;
    api.check("cuEventCreate", cuEventCreate(handle, timed ? 0 : DISABLE_TIMING));
  }

  CUevent handle() {
    return handle;
  }

  /** Waits until the stream has come to it. */
  public void synchronize() {
    api.check("cuEventSynchronize", cuEventSynchronize(handle));
  }

  /** Milliseconds of the GPU from {@code start} to this event; both must be timed and past. */
  public float millisSince(CudaEvent start) {
    if (!timed || !start.timed) {
      throw new IllegalStateException("an event that was made without time was asked for it");
    }
    return api.elapsedMillis(start.handle.address(), handle.address());
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      api.check("cuEventDestroy_v2", cuEventDestroy(handle));
    }
  }
}
