package io.github.f2d4j.engine.backend;

import java.lang.foreign.MemorySegment;

/**
 * The stand-in for memory that was never had: a model built on it can be verified, compiled and
 * measured, not run.
 */
public final class AbsentBuffer implements Buffer {
  private final long bytes;
  private final boolean computed;

  /**
   * A stand-in.
   *
   * @param computed whether a run would compute the contents, in memory of their own; otherwise
   *     they would lie in a checkpoint's mapped file
   */
  public AbsentBuffer(long bytes, boolean computed) {
    this.bytes = bytes;
    this.computed = computed;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  /** Whether a run would compute the contents. */
  public boolean isComputed() {
    return computed;
  }

  @Override
  public AbsentBuffer slice(long offset, long length) {
    return new AbsentBuffer(length, computed);
  }

  /**
   * Fails.
   *
   * @throws IllegalStateException always
   */
  @Override
  public MemorySegment toHost() {
    throw unread();
  }

  /**
   * Fails.
   *
   * @throws IllegalStateException always
   */
  @Override
  public Buffer packed(Packing packing) {
    throw unread();
  }

  private IllegalStateException unread() {
    return new IllegalStateException(
        "%,d bytes of a model that was built without data cannot be read; load its weights to run it"
            .formatted(bytes));
  }
}
