package io.github.f2d4j.engine.backend;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A {@link Buffer} in off-heap host memory. It also remembers the forms in which backends have
 * packed its contents, so that a weight is packed once however many plans read it.
 */
public final class HostBuffer implements Buffer {
  /** Every allocation starts on a cache line, which is also the widest vector. */
  public static final long ALIGNMENT = 64;

  private final MemorySegment segment;
  private final ConcurrentHashMap<Packing, Buffer> packed = new ConcurrentHashMap<>();

  private HostBuffer(MemorySegment segment) {
    this.segment = segment;
  }

  /**
   * A buffer over existing off-heap memory, without a copy.
   *
   * @throws IllegalArgumentException if the segment lies on the heap: vector kernels address memory
   *     directly
   */
  public static HostBuffer of(MemorySegment segment) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "a tensor's memory must be off-heap, but " + segment + " lies on the Java heap");
    }
    return new HostBuffer(segment);
  }

  /**
   * Zeroed memory that the garbage collector frees.
   *
   * @throws OutOfMemoryError saying how much was asked for and which flag raises the limit
   */
  public static HostBuffer allocate(long bytes) {
    return new HostBuffer(allocate(Arena.ofAuto(), bytes));
  }

  /** Zeroed, aligned memory of {@code arena}, with a clear error when there is not enough. */
  static MemorySegment allocate(Arena arena, long bytes) {
    try {
      return arena.allocate(bytes, ALIGNMENT);
    } catch (OutOfMemoryError e) {
      OutOfMemoryError clear =
          new OutOfMemoryError(
              "cannot allocate %,d bytes of off-heap memory (%s); use a smaller image or batch, or raise -XX:MaxDirectMemorySize"
                  .formatted(bytes, e.getMessage()));
      clear.initCause(e);
      throw clear;
    }
  }

  /** The memory. */
  public MemorySegment segment() {
    return segment;
  }

  /**
   * This buffer's contents in the form {@code packing} gives them, made on first use. Pages of a
   * mapped file are then let go, so that a weight does not take memory twice; they come back when
   * they are read again.
   */
  public Buffer packed(Packing packing) {
    return packed.computeIfAbsent(
        packing,
        p -> {
          Buffer form = p.pack(this);
          if (segment.isMapped()) {
            segment.unload();
          }
          return form;
        });
  }

  /** Whether the memory is that of a mapped file, which the system can take back and read again. */
  public boolean isMapped() {
    return segment.isMapped();
  }

  @Override
  public long bytes() {
    return segment.byteSize();
  }

  @Override
  public HostBuffer slice(long offset, long bytes) {
    return new HostBuffer(segment.asSlice(offset, bytes));
  }

  @Override
  public MemorySegment toHost() {
    return segment;
  }
}
