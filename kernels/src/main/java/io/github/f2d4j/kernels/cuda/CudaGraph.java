package io.github.f2d4j.kernels.cuda;

import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;

/** Recorded work that is queued with one call. */
public final class CudaGraph implements AutoCloseable {
  private final DriverApi api;
  private final CUgraphExec handle = new CUgraphExec();
  private boolean open = true;

  /** Prepares {@code graph}, and lets the recording go. */
  CudaGraph(DriverApi api, CUgraph graph) {
    this.api = api;
    int status = cuGraphInstantiate(handle, graph, 0);
    int destroyed = cuGraphDestroy(graph);
    api.check("cuGraphInstantiateWithFlags", status);
    api.check("cuGraphDestroy", destroyed);
  }

  /** Queues everything that was recorded. */
  public void launch(CudaStream stream) {
    api.check("cuGraphLaunch", cuGraphLaunch(handle, stream.handle()));
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      api.check("cuGraphExecDestroy", cuGraphExecDestroy(handle));
    }
  }
}
