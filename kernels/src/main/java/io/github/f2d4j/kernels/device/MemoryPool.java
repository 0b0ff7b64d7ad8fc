package io.github.f2d4j.kernels.device;

import io.github.f2d4j.kernels.cuda.CudaContext;
import io.github.f2d4j.kernels.cuda.CudaStream;
import io.github.f2d4j.kernels.cuda.DeviceMemory;
import io.github.f2d4j.kernels.library.CudaException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A GPU's memory. What is freed is kept and given out again for a piece of the same size: all work
 * is done in the order of one stream, so whoever gets it comes after whoever gave it back. The
 * driver would wait for the GPU each time. One thread at a time.
 */
final class MemoryPool implements AutoCloseable {
  /** Small pieces are rounded up to a power of two, large ones to a multiple of this. */
  private static final long LARGE = 2L << 20;

  private static final long SMALL = 256;

  private final CudaContext context;
  private final CudaStream stream;

  /** Pieces that somebody has, by where they begin. */
  private final TreeMap<Long, DeviceMemory> used = new TreeMap<>();

  /** Pieces that nobody has, by their size. */
  private final Map<Long, Deque<DeviceMemory>> idle = new HashMap<>();

  MemoryPool(CudaContext context, CudaStream stream) {
    this.context = context;
    this.stream = stream;
  }

  /** The size of the piece that a request of {@code bytes} gets. */
  static long size(long bytes) {
    if (bytes >= LARGE) {
      return Math.ceilDiv(bytes, LARGE) * LARGE;
    }
    long highest = Long.highestOneBit(Math.max(bytes, SMALL));
    return highest < bytes ? 2 * highest : highest;
  }

  /**
   * At least {@code bytes}.
   *
   * @throws OutOfMemoryError if there is not enough, even after what is idle was given back
   */
  DeviceMemory allocate(long bytes) {
    long size = size(bytes);
    Deque<DeviceMemory> kept = idle.get(size);
    DeviceMemory piece = kept == null || kept.isEmpty() ? fresh(size) : kept.pop();
    used.put(piece.address(), piece);
    return piece;
  }

  private DeviceMemory fresh(long size) {
    try {
      return context.allocate(size);
    } catch (CudaException e) {
      requireFull(e);
    }
    stream.synchronize();
    trim();
    try {
      return context.allocate(size);
    } catch (CudaException e) {
      requireFull(e);
      OutOfMemoryError error = new OutOfMemoryError(e.getMessage());
      error.initCause(e);
      throw error;
    }
  }

  private static void requireFull(CudaException e) {
    if (!e.statusName().contains("OUT_OF_MEMORY")) {
      throw e;
    }
  }

  /** The piece that somebody has and in which {@code address} lies. */
  DeviceMemory at(long address) {
    Map.Entry<Long, DeviceMemory> entry = used.floorEntry(address);
    if (entry == null || address >= entry.getKey() + entry.getValue().bytes()) {
      throw unknown(address);
    }
    return entry.getValue();
  }

  void free(long address) {
    DeviceMemory piece = used.remove(address);
    if (piece == null) {
      throw unknown(address);
    }
    idle.computeIfAbsent(piece.bytes(), _ -> new ArrayDeque<>()).push(piece);
  }

  private static IllegalArgumentException unknown(long address) {
    return new IllegalArgumentException("no memory is in use at %x".formatted(address));
  }

  /** Gives idle pieces to the driver; the GPU has nothing left to do. */
  void trim() {
    idle.values().forEach(pieces -> pieces.forEach(DeviceMemory::close));
    idle.clear();
  }

  @Override
  public void close() {
    trim();
    used.values().forEach(DeviceMemory::close);
    used.clear();
  }
}
