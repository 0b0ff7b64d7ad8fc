package io.github.f2d4j.engine.backend;

/**
 * A form in which a kernel wants a constant operand: widened, transposed, cut into panels.
 * Implementations are records: equal packings of one buffer share the packed memory.
 */
public interface Packing {
  /**
   * Packs the contents of {@code source}; called once per buffer and packing. Host memory for the
   * result comes from {@link HostBuffer#allocateBeside}, so that both are freed together.
   */
  Buffer pack(HostBuffer source);

  /** Bytes that the packed form of a source of {@code sourceBytes} bytes takes. */
  long packedBytes(long sourceBytes);
}
