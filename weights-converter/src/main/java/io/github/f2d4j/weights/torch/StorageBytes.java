package io.github.f2d4j.weights.torch;

import java.lang.foreign.MemorySegment;

/** The bytes of a storage where the file keeps them. */
interface StorageBytes {
  /** How many there are. */
  long size();

  /**
   * All of them: the file's own memory, or a copy that was inflated.
   *
   * @throws java.io.UncheckedIOException around a {@link TorchFormatException} if compressed data
   *     is damaged
   */
  MemorySegment read();

  /** Bytes that lie in the file as they are. */
  static StorageBytes of(MemorySegment segment) {
    return new StorageBytes() {
      @Override
      public long size() {
        return segment.byteSize();
      }

      @Override
      public MemorySegment read() {
        return segment;
      }
    };
  }
}
