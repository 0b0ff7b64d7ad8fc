package io.github.f2d4j.kernels.device;

/** Work that a {@link Gpu} has recorded, on the memory that it had when it was recorded. */
public interface GpuRecording extends AutoCloseable {
  /** Queues all of it with one call. */
  void run();

  /** Forgets it, after all work that was queued. */
  @Override
  void close();
}
