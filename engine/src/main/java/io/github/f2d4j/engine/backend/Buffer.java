package io.github.f2d4j.engine.backend;

import java.lang.foreign.MemorySegment;

/**
 * Memory that holds a tensor's elements densely, row-major, little-endian. Its contents do not
 * change once a tensor owns it. Buffers are equal only to themselves.
 */
public interface Buffer {
  /** Size in bytes. */
  long bytes();

  /** A part of this buffer that shares its memory. */
  Buffer slice(long offset, long bytes);

  /** The contents in the form that {@code packing} gives them, made on first use and then kept. */
  Buffer packed(Packing packing);

  /** The contents in host memory: a view where they lie there already, else a copy. */
  MemorySegment toHost();
}
