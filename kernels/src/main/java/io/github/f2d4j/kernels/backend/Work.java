package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Packing;
import java.util.Map;

/**
 * What an operator comes to on a GPU, once all its numbers are of one precision.
 *
 * @param name what profiles call it
 * @param scratchBytes scratch memory that a run needs
 * @param packings constants by their index that are not to be passed as they are
 * @param waits whether the host looks at operands first, for which it waits
 * @param body queues the work; not called where the result is empty
 */
record Work(
    String name, long scratchBytes, Map<Integer, Packing> packings, boolean waits, Body body) {
  /** Queues the work. */
  interface Body {
    /**
     * Addresses, in the GPU's memory.
     *
     * @param in the operands
     * @param out the result, which overlaps no operand
     * @param scratch at a multiple of 64
     */
    void run(long[] in, long out, long scratch);
  }

  Work {
    packings = Map.copyOf(packings);
  }

  /** Work that is all queued. */
  Work(String name, long scratchBytes, Map<Integer, Packing> packings, Body body) {
    this(name, scratchBytes, packings, false, body);
  }

  /** Work without scratch memory on operands as they are. */
  static Work of(String name, Body body) {
    return new Work(name, 0, Map.of(), body);
  }
}
