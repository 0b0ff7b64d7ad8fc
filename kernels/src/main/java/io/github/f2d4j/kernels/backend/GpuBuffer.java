package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.kernels.device.Gpu;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** A part of a GPU's memory; the whole piece is freed when nothing refers to any part of it. */
final class GpuBuffer implements Buffer {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Piece piece;
  private final long address;
  private final long bytes;
  private final ConcurrentHashMap<Packing, Buffer> packed = new ConcurrentHashMap<>();

  /** What was allocated at once. */
  private static final class Piece {
    final Gpu gpu;
    final Cleaner.Cleanable cleanable;

    Piece(Gpu gpu, long address) {
      this.gpu = gpu;
      this.cleanable = CLEANER.register(this, () -> gpu.free(address));
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
    long address = gpu.allocate(bytes);
    return new GpuBuffer(new Piece(gpu, address), address, bytes);
  }

  /** The contents of {@code host} in memory of {@code gpu}. */
  static GpuBuffer of(Gpu gpu, MemorySegment host) {
    GpuBuffer buffer = allocate(gpu, host.byteSize());
    if (host.byteSize() > 0) {
      gpu.upload(host, buffer.address);
    }
    return buffer;
  }

  /** Where it begins in the GPU's memory. */
  long address() {
    return address;
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
    return packed.computeIfAbsent(packing, p -> p.pack(HostBuffer.of(toHost())));
  }

  @Override
  public MemorySegment toHost() {
    MemorySegment host = HostBuffer.allocate(bytes).segment();
    try {
      if (bytes > 0) {
        piece.gpu.download(address, host);
      }
    } finally {
      Reference.reachabilityFence(piece);
    }
    return host;
  }
}
