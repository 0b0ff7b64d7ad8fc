package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.JoinedBuffer;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.backend.Region;
import io.github.f2d4j.kernels.device.Gpu;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A part of a GPU's memory. The whole piece is freed when nothing refers to any part of it, or with
 * the region of the weights that it was made of.
 */
final class GpuBuffer implements Buffer {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Piece piece;
  private final long address;
  private final long bytes;
  private final ConcurrentHashMap<Packing, Buffer> packed = new ConcurrentHashMap<>();

  /** Memory that is freed once; refers to nobody who uses it. */
  static final class Allocation implements Runnable {
    private final Gpu gpu;
    private final long address;
    private final AtomicBoolean freed = new AtomicBoolean();

    private Allocation(Gpu gpu, long address) {
      this.gpu = gpu;
      this.address = address;
    }

    /** Frees it, after all work that was queued. */
    @Override
    public void run() {
      if (freed.compareAndSet(false, true)) {
        gpu.free(address);
      }
    }

    /** Whether it has been freed. */
    boolean isFreed() {
      return freed.get();
    }
  }

  /** What was allocated at once; keeps the region alive with which it is freed. */
  private static final class Piece {
    final Allocation allocation;
    final @Nullable Region region;
    final Cleaner.Cleanable cleanable;

    Piece(Allocation allocation, @Nullable Region region) {
      this.allocation = allocation;
      this.region = region;
      this.cleanable = CLEANER.register(this, allocation);
      if (region != null) {
        region.freeWith(allocation);
      }
    }
  }

  private GpuBuffer(Piece piece, long address, long bytes) {
    this.piece = piece;
    this.address = address;
    this.bytes = bytes;
  }

  /**
   * Memory of {@code gpu}.
   *
   * @throws OutOfMemoryError if there is not enough, with the remedy
   */
  static GpuBuffer allocate(Gpu gpu, long bytes) {
    return allocate(gpu, bytes, null);
  }

  /** As {@link #allocate(Gpu, long)}, freed with {@code owner} where that is freed at once. */
  static GpuBuffer allocateBeside(Gpu gpu, Buffer owner, long bytes) {
    return allocate(gpu, bytes, region(owner));
  }

  private static GpuBuffer allocate(Gpu gpu, long bytes, @Nullable Region region) {
    long address = gpu.allocate(bytes);
    return new GpuBuffer(new Piece(new Allocation(gpu, address), region), address, bytes);
  }

  private static @Nullable Region region(Buffer owner) {
    return switch (owner) {
      case HostBuffer host -> host.region();
      case JoinedBuffer joined -> joined.parts().getFirst().region();
      case GpuBuffer other -> other.piece.region;
      default -> null;
    };
  }

  /** The contents of {@code host} in memory of {@code gpu}. */
  static GpuBuffer of(Gpu gpu, MemorySegment host) {
    return allocate(gpu, host.byteSize()).filled(host);
  }

  /** The contents of {@code owner} in memory of {@code gpu}, freed with it. */
  static GpuBuffer copyOf(Gpu gpu, Buffer owner) {
    return allocateBeside(gpu, owner, owner.bytes()).filled(owner.toHost());
  }

  private GpuBuffer filled(MemorySegment host) {
    if (host.byteSize() > 0) {
      piece.allocation.gpu.upload(host, address);
    }
    return this;
  }

  /**
   * Where it begins in the GPU's memory.
   *
   * @throws IllegalStateException if it has been freed
   */
  long address() {
    if (piece.allocation.isFreed()) {
      throw new IllegalStateException(
          "this memory of the GPU has been freed, with the region of the weights in it; load the"
              + " model again");
    }
    return address;
  }

  /** Whether {@code gpu} reaches it. */
  boolean isOn(Gpu gpu) {
    return piece.allocation.gpu.equals(gpu);
  }

  /** The memory it is a part of. */
  Allocation allocation() {
    return piece.allocation;
  }

  /** Frees the whole piece at once, after all work that was queued. */
  void free() {
    piece.cleanable.clean();
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public GpuBuffer slice(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, bytes);
    return new GpuBuffer(piece, address + offset, length);
  }

  @Override
  public Buffer packed(Packing packing) {
    return packed.computeIfAbsent(packing, p -> p.pack(hosted()));
  }

  /** A copy on the host, next to which packings allocate as next to this buffer. */
  private HostBuffer hosted() {
    MemorySegment host = toHost();
    return piece.region == null ? HostBuffer.of(host) : HostBuffer.of(host, piece.region);
  }

  @Override
  public MemorySegment toHost() {
    MemorySegment host = HostBuffer.allocate(bytes).segment();
    try {
      if (bytes > 0) {
        piece.allocation.gpu.download(address(), host);
      }
    } finally {
      Reference.reachabilityFence(piece);
    }
    return host;
  }
}
