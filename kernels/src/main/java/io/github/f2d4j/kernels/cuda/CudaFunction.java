package io.github.f2d4j.kernels.cuda;

import io.github.f2d4j.kernels.catalog.Dim3;
import java.lang.foreign.MemorySegment;

/** A kernel, ready to be launched; lives as long as its module. */
public final class CudaFunction {
  /** Dynamic shared memory that a launch may use without setting an attribute first. */
  static final int SHARED_WITHOUT_ASKING = 48 << 10;

  private final DriverApi api;
  private final String name;
  private final MemorySegment handle;

  CudaFunction(DriverApi api, String name, MemorySegment handle) {
    this.api = api;
    this.name = name;
    this.handle = handle;
  }

  /** Its name in the PTX. */
  public String name() {
    return name;
  }

  /**
   * Queues the kernel. The driver copies the arguments before this returns.
   *
   * @param grid blocks
   * @param block threads of a block
   * @param sharedBytes dynamic shared memory of a block
   */
  public void launch(
      Dim3 grid, Dim3 block, int sharedBytes, CudaStream stream, LaunchArguments arguments) {
    api.launch(
        handle,
        grid,
        block,
        sharedBytes,
        MemorySegment.ofAddress(stream.address()),
        arguments.pointers());
  }

  @Override
  public String toString() {
    return name;
  }
}
