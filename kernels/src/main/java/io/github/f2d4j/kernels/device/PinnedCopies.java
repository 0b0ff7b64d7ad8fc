package io.github.f2d4j.kernels.device;

import io.github.f2d4j.kernels.cuda.CudaContext;
import io.github.f2d4j.kernels.cuda.CudaEvent;
import io.github.f2d4j.kernels.cuda.CudaStream;
import io.github.f2d4j.kernels.cuda.DeviceMemory;
import io.github.f2d4j.kernels.cuda.PinnedMemory;
import io.github.f2d4j.kernels.library.CudaException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies between host and GPU through pinned memory, which the GPU reads and writes by itself: with
 * two pieces, one is filled or emptied by the host while the other is copied. Small copies go
 * without. One thread at a time.
 */
final class PinnedCopies implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(PinnedCopies.class.getName());

  /** Up to here the driver itself copies pageable memory to a staging area and returns. */
  static final long SMALL = 64L << 10;

  /** Of one piece of pinned memory. */
  static final long PIECE = 4L << 20;

  private final CudaContext context;
  private final CudaStream stream;

  /** Made with the first large copy; empty where there is no pinned memory to be had. */
  private @Nullable List<Piece> pieces;

  private int next;

  /** Pinned memory, and the end of the last copy that used it. */
  private record Piece(PinnedMemory memory, CudaEvent copied) {
    MemorySegment first(long bytes) {
      return memory.segment().asSlice(0, bytes);
    }
  }

  PinnedCopies(CudaContext context, CudaStream stream) {
    this.context = context;
    this.stream = stream;
  }

  private List<Piece> pieces() {
    List<Piece> known = pieces;
    if (known == null) {
      known = make();
      pieces = known;
    }
    return known;
  }

  private List<Piece> make() {
    try {
      return List.of(piece(), piece());
    } catch (CudaException e) {
      LOG.log(Level.DEBUG, "Copies go without pinned memory: {0}", e.getMessage());
      return List.of();
    }
  }

  private Piece piece() {
    return new Piece(context.allocatePinned(PIECE), context.newEvent(/* timed= */ false));
  }

  /** The piece that was used longest ago, once its copy is done. */
  private Piece idle(List<Piece> all) {
    Piece piece = all.get(next);
    next = (next + 1) % all.size();
    piece.copied.synchronize();
    return piece;
  }

  /** Queues a copy of {@code host}, which may change as soon as this returns. */
  void upload(MemorySegment host, DeviceMemory to, long offset) {
    List<Piece> all = host.byteSize() <= SMALL ? List.of() : pieces();
    if (all.isEmpty()) {
      to.copyFrom(host, offset, stream);
      return;
    }
    for (long at = 0; at < host.byteSize(); at += PIECE) {
      long bytes = Math.min(PIECE, host.byteSize() - at);
      Piece piece = idle(all);
      piece.first(bytes).copyFrom(host.asSlice(at, bytes));
      to.copyFrom(piece.first(bytes), offset + at, stream);
      stream.record(piece.copied);
    }
  }

  /** Copies to {@code host} after all work that was queued. */
  void download(DeviceMemory from, long offset, MemorySegment host) {
    List<Piece> all = host.byteSize() <= SMALL ? List.of() : pieces();
    if (all.isEmpty()) {
      from.copyTo(host, offset, stream);
      stream.synchronize();
      return;
    }
    Piece before = null;
    long at = 0;
    for (; at < host.byteSize(); at += PIECE) {
      long bytes = Math.min(PIECE, host.byteSize() - at);
      Piece piece = idle(all);
      from.copyTo(piece.first(bytes), offset + at, stream);
      stream.record(piece.copied);
      if (before != null) {
        take(before, host.asSlice(at - PIECE, PIECE));
      }
      before = piece;
    }
    if (before != null) {
      take(before, host.asSlice(at - PIECE));
    }
  }

  private static void take(Piece piece, MemorySegment host) {
    piece.copied.synchronize();
    host.copyFrom(piece.first(host.byteSize()));
  }

  @Override
  public void close() {
    List<Piece> all = pieces;
    if (all != null) {
      pieces = List.of();
      for (Piece piece : all) {
        piece.copied.synchronize();
        piece.copied.close();
        piece.memory.close();
      }
    }
  }
}
