package io.github.f2d4j.kernels.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * A kernel's arguments in off-heap memory, in the order of its parameters: laid out once, then
 * changed in place between launches. Each has a slot of 8 bytes, and the driver reads as many of
 * them as the parameter has.
 */
public final class LaunchArguments {
  private static final long SLOT = 8;

  private final MemorySegment values;
  private final MemorySegment pointers;
  private final int count;

  /** Room for {@code count} arguments, all zero, in {@code allocator}'s memory. */
  public LaunchArguments(SegmentAllocator allocator, int count) {
    this.count = count;
    this.values = allocator.allocate(Math.max(1, count) * SLOT, SLOT);
    this.pointers = allocator.allocate(ADDRESS, Math.max(1, count));
    values.fill((byte) 0);
    for (int i = 0; i < count; i++) {
      pointers.setAtIndex(ADDRESS, i, MemorySegment.ofAddress(values.address() + i * SLOT));
    }
  }

  /** Sets a pointer or a 64-bit integer. */
  public LaunchArguments set(int index, long value) {
    values.set(JAVA_LONG, offset(index), value);
    return this;
  }

  /** Sets a 32-bit integer. */
  public LaunchArguments set(int index, int value) {
    values.set(JAVA_INT, offset(index), value);
    return this;
  }

  /** Sets a float. */
  public LaunchArguments set(int index, float value) {
    values.set(JAVA_FLOAT, offset(index), value);
    return this;
  }

  private long offset(int index) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException("argument " + index + " of " + count);
    }
    return index * SLOT;
  }

  /** The array of addresses that a launch takes. */
  MemorySegment pointers() {
    return pointers;
  }
}
