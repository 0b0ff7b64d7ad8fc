package io.github.f2d4j.engine.backend;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Several buffers read as one, one behind the other, such as weights that a plan multiplies by at
 * once. They are copied together only while a backend packs them; the contents themselves are kept
 * only if somebody reads them unpacked.
 */
public final class JoinedBuffer implements Buffer {
  private final List<HostBuffer> parts;
  private final long bytes;
  private final ConcurrentHashMap<Packing, Buffer> packed = new ConcurrentHashMap<>();
  private @Nullable HostBuffer whole;

  /**
   * The buffers {@code parts} as one.
   *
   * @throws IllegalArgumentException if there is none, or they are not freed together
   */
  public JoinedBuffer(List<HostBuffer> parts) {
    if (!canJoin(parts)) {
      throw new IllegalArgumentException(
          "buffers of different lifetimes cannot be joined; got " + parts.size() + " of them");
    }
    this.parts = List.copyOf(parts);
    this.bytes = parts.stream().mapToLong(HostBuffer::bytes).sum();
  }

  /** Whether there are parts and all are freed together, so that one can take their place. */
  public static boolean canJoin(List<HostBuffer> parts) {
    return !parts.isEmpty() && parts.stream().allMatch(parts.getFirst()::livesWith);
  }

  /** What is joined. */
  public List<HostBuffer> parts() {
    return parts;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  /** As {@link HostBuffer#packed}. */
  @Override
  public Buffer packed(Packing packing) {
    return packed.computeIfAbsent(packing, this::pack);
  }

  private Buffer pack(Packing packing) {
    // Shared, because packing uses many threads.
    try (Arena arena = Arena.ofShared()) {
      MemorySegment copy = HostBuffer.allocate(arena, bytes);
      copyTo(copy);
      Buffer form = parts.getFirst().beside(copy).packOnce(packing);
      parts.forEach(HostBuffer::unload);
      return form;
    }
  }

  private void copyTo(MemorySegment to) {
    long at = 0;
    for (HostBuffer part : parts) {
      MemorySegment.copy(part.segment(), 0, to, at, part.bytes());
      at += part.bytes();
    }
  }

  private synchronized HostBuffer whole() {
    HostBuffer known = whole;
    if (known == null) {
      known = parts.getFirst().allocateBeside(bytes);
      copyTo(known.segment());
      whole = known;
    }
    return known;
  }

  @Override
  public Buffer slice(long offset, long length) {
    return whole().slice(offset, length);
  }

  @Override
  public MemorySegment toHost() {
    return whole().segment();
  }
}
