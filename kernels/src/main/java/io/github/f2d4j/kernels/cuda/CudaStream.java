package io.github.f2d4j.kernels.cuda;

import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import io.github.f2d4j.kernels.cuda.JCudaHandles.Stream;
import jcuda.driver.CUgraph;
import jcuda.driver.CUstream;

/** A queue of work for a GPU, done in order. */
public final class CudaStream implements AutoCloseable {
  private static final int NON_BLOCKING = 1;

  /** Only this thread's calls must not break a capture: other threads go on allocating. */
  private static final int CAPTURE_THREAD_LOCAL = 1;

  private final DriverApi api;
  private final Stream handle = new Stream();
  private boolean open = true;

  CudaStream(DriverApi api) {
    this.api = api;
    api.check("cuStreamCreate", cuStreamCreate(handle, NON_BLOCKING));
  }

  /** The stream's handle, as other libraries take it. */
  public long address() {
    return handle.address();
  }

  CUstream handle() {
    return handle;
  }

  /** Waits until everything in the queue is done; throws what went wrong with any of it. */
  public void synchronize() {
    api.check("cuStreamSynchronize", cuStreamSynchronize(handle));
  }

  /** Marks this place in the queue. */
  public void record(CudaEvent event) {
    api.check("cuEventRecord", cuEventRecord(event.handle(), handle));
  }

  /** Lets what comes after this wait for {@code event} of another stream. */
  public void waitFor(CudaEvent event) {
    api.check("cuStreamWaitEvent", cuStreamWaitEvent(handle, event.handle(), 0));
  }

  /** From now on what is queued is recorded instead of done. */
  public void beginCapture() {
    api.check("cuStreamBeginCapture_v2", cuStreamBeginCapture(handle, CAPTURE_THREAD_LOCAL));
  }

  /** Ends the recording, and makes one unit of work of it. */
  public CudaGraph endCapture() {
    CUgraph graph = new CUgraph();
    api.check("cuStreamEndCapture", cuStreamEndCapture(handle, graph));
    return new CudaGraph(api, graph);
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      api.check("cuStreamDestroy_v2", cuStreamDestroy(handle));
    }
  }
}
