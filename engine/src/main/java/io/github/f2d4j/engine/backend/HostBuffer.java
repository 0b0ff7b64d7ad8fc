package io.github.f2d4j.engine.backend;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Buffer} in off-heap host memory. It also remembers the forms in which backends have
 * packed its contents, so that a weight is packed once however many plans read it.
 */
public final class HostBuffer implements Buffer {
  /** Every allocation starts on a cache line, which is also the widest vector. */
  public static final long ALIGNMENT = 64;

  private final MemorySegment segment;

  /** Held so that the memory lives as long as this buffer; null where the segment does that. */
  private final @Nullable Region region;

  private final ConcurrentHashMap<Packing, Buffer> packed = new ConcurrentHashMap<>();

  private HostBuffer(MemorySegment segment, @Nullable Region region) {
    this.segment = segment;
    this.region = region;
  }

  /**
   * A buffer over existing off-heap memory, without a copy.
   *
   * @throws IllegalArgumentException if the segment lies on the heap: vector kernels address memory
   *     directly
   */
  public static HostBuffer of(MemorySegment segment) {
    return new HostBuffer(requireNative(segment), null);
  }

  /**
   * A buffer over off-heap memory of {@code region}, which it keeps alive.
   *
   * @throws IllegalArgumentException if the segment lies on the heap
   */
  public static HostBuffer of(MemorySegment segment, Region region) {
    return new HostBuffer(requireNative(segment), region);
  }

  private static MemorySegment requireNative(MemorySegment segment) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "a tensor's memory must be off-heap, but " + segment + " lies on the Java heap");
    }
    return segment;
  }

  /**
   * Zeroed memory that the garbage collector frees.
   *
   * @throws OutOfMemoryError saying how much was asked for and which flag raises the limit
   */
  public static HostBuffer allocate(long bytes) {
    return new HostBuffer(allocate(Arena.ofAuto(), bytes), null);
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
   * Zeroed memory that is freed when this buffer's is: what a {@link Packing} puts its result into.
   *
   * @throws OutOfMemoryError as {@link #allocate(long)}
   */
  public HostBuffer allocateBeside(long bytes) {
    return region == null ? allocate(bytes) : region.allocate(bytes);
  }

  /**
   * This buffer's contents in the form {@code packing} gives them, made on first use. Pages of a
   * mapped file are then let go, so that a weight does not take memory twice; they come back when
   * they are read again.
   *
   * @throws IllegalStateException if the packing's memory would outlive this buffer's
   */
  @Override
  public Buffer packed(Packing packing) {
    return packed.computeIfAbsent(packing, this::pack);
  }

  private Buffer pack(Packing packing) {
    Buffer form = packOnce(packing);
    unload();
    return form;
  }

  /** The packed form, which is not remembered. */
  Buffer packOnce(Packing packing) {
    Buffer form = packing.pack(this);
    if (form instanceof HostBuffer host && host.region != region) {
      throw new IllegalStateException(
          packing
              + " has packed into memory of another lifetime; it must take it from"
              + " source.allocateBeside");
    }
    return form;
  }

  /** Lets the pages of a mapped file go; they come back when they are read again. */
  void unload() {
    if (segment.isMapped()) {
      segment.unload();
    }
  }

  /** The region with which the memory is freed; null where the garbage collector alone frees it. */
  public @Nullable Region region() {
    return region;
  }

  /** Whether both are freed together. */
  boolean livesWith(HostBuffer other) {
    return region == other.region;
  }

  /** A buffer over other memory, next to which packings allocate as if it were this. */
  HostBuffer beside(MemorySegment memory) {
    return new HostBuffer(requireNative(memory), region);
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
    return new HostBuffer(segment.asSlice(offset, bytes), region);
  }

  @Override
  public MemorySegment toHost() {
    return segment;
  }
}
