package io.github.f2d4j.kernels.cuda;

import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;

import io.github.f2d4j.kernels.cuda.JCudaHandles.HostAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Host memory that stays where it is, so that copies to and from a GPU run beside other work. */
public final class PinnedMemory implements AutoCloseable {
  private final DriverApi api;
  private final HostAddress pointer = new HostAddress();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment segment;
  private boolean open = true;

  @SuppressWarnings("restricted") // the length is the driver's promise
  PinnedMemory(DriverApi api, long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "pinned memory of " + bytes + " bytes; ask for at least 1");
    }
    this.api = api;
    api.check("cuMemHostAlloc", cuMemHostAlloc(pointer, bytes, 0), bytes + " bytes");
    this.segment = MemorySegment.ofAddress(pointer.address()).reinterpret(bytes, arena, null);
  }

  /** The memory; not to be used after {@link #close()}. */
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      arena.close();
      api.check("cuMemFreeHost", cuMemFreeHost(pointer));
    }
  }
}
