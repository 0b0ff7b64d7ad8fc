package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.kernels.device.Gpu;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Keeps a GPU's working memory between runs. A borrower gets the smallest idle block that is large
 * enough; when there is none, idle blocks are freed before a new one is made.
 */
final class GpuWorkspaces {
  private final Gpu gpu;
  private final List<GpuBuffer> idle = new ArrayList<>();

  GpuWorkspaces(Gpu gpu) {
    this.gpu = gpu;
  }

  private record Loan(GpuWorkspaces pool, GpuBuffer block) implements Backend.Workspace {
    @Override
    public Buffer buffer() {
      return block;
    }

    @Override
    public void close() {
      pool.giveBack(block);
    }
  }

  synchronized Backend.Workspace borrow(long bytes) {
    GpuBuffer block =
        idle.stream()
            .filter(b -> b.bytes() >= bytes)
            .min(Comparator.comparingLong(GpuBuffer::bytes))
            .orElse(null);
    if (block != null) {
      idle.remove(block);
    } else {
      trim();
      block = GpuBuffer.allocate(gpu, bytes);
    }
    return new Loan(this, block);
  }

  private synchronized void giveBack(GpuBuffer block) {
    idle.add(block);
  }

  /** Frees what nobody has borrowed. */
  synchronized void trim() {
    idle.forEach(GpuBuffer::free);
    idle.clear();
  }
}
