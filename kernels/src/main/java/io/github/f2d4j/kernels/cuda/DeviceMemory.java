package io.github.f2d4j.kernels.cuda;

import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD8Async;

import io.github.f2d4j.kernels.cuda.JCudaHandles.DeviceAddress;
import io.github.f2d4j.kernels.cuda.JCudaHandles.HostAddress;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** A piece of a GPU's memory. Copies are queued: synchronize the stream before using their end. */
public final class DeviceMemory implements AutoCloseable {
  private final DriverApi api;
  private final long bytes;
  private final DeviceAddress pointer = new DeviceAddress();
  private boolean open = true;

  DeviceMemory(DriverApi api, long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("GPU memory of " + bytes + " bytes; ask for at least 1");
    }
    this.api = api;
    this.bytes = bytes;
    api.check("cuMemAlloc_v2", cuMemAlloc(pointer, bytes), bytes + " bytes");
  }

  /** Where it begins, in the GPU's address space. */
  public long address() {
    return pointer.address();
  }

  /** Its size. */
  public long bytes() {
    return bytes;
  }

  /**
   * Queues a copy of {@code host}, which must stay as it is until the stream gets there.
   *
   * @param offset where in this memory the copy begins, in bytes
   */
  public void copyFrom(MemorySegment host, long offset, CudaStream stream) {
    requireNative(host);
    Objects.checkFromIndexSize(offset, host.byteSize(), bytes);
    api.check(
        "cuMemcpyHtoDAsync_v2",
        cuMemcpyHtoDAsync(
            new DeviceAddress(address() + offset),
            new HostAddress(host.address()),
            host.byteSize(),
            stream.handle()));
  }

  /**
   * Queues a copy into {@code host}, which is there when the stream is synchronized.
   *
   * @param offset where in this memory the copy begins, in bytes
   */
  public void copyTo(MemorySegment host, long offset, CudaStream stream) {
    requireNative(host);
    Objects.checkFromIndexSize(offset, host.byteSize(), bytes);
    api.check(
        "cuMemcpyDtoHAsync_v2",
        cuMemcpyDtoHAsync(
            new HostAddress(host.address()),
            new DeviceAddress(address() + offset),
            host.byteSize(),
            stream.handle()));
  }

  /**
   * Queues a copy within the GPU's memory.
   *
   * @param from where in {@code source} it begins, in bytes
   * @param offset where in this memory it begins, in bytes
   */
  public void copyFrom(
      DeviceMemory source, long from, long offset, long length, CudaStream stream) {
    Objects.checkFromIndexSize(from, length, source.bytes);
    Objects.checkFromIndexSize(offset, length, bytes);
    api.check(
        "cuMemcpyDtoDAsync_v2",
        cuMemcpyDtoDAsync(
            new DeviceAddress(address() + offset),
            new DeviceAddress(source.address() + from),
            length,
            stream.handle()));
  }

  /** Queues the setting of every byte to {@code value}. */
  public void fill(byte value, CudaStream stream) {
    api.check("cuMemsetD8Async", cuMemsetD8Async(pointer, value, bytes, stream.handle()));
  }

  private static void requireNative(MemorySegment host) {
    if (!host.isNative()) {
      throw new IllegalArgumentException(
          "heap memory must not reach native code (JDK-8377811): copy it into an Arena first");
    }
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      api.check("cuMemFree_v2", cuMemFree(pointer));
    }
  }
}
