package io.github.f2d4j.kernels.catalog;

/** Launch geometry that several families share, and checks of sizes. */
final class Geometry {
  /** Threads of a block, where a kernel has no reason for another number. */
  static final int BLOCK = 256;

  /** Blocks that fill any GPU; kernels that loop over the grid get no more. */
  private static final int ENOUGH = 4096;

  private static final int MAX_ELEMENTS = Integer.MAX_VALUE - ENOUGH * BLOCK;

  private Geometry() {}

  static int ceilDiv(int a, int b) {
    return (a + b - 1) / b;
  }

  /** A grid for a kernel with one thread per element. */
  static Dim3 perElement(long elements) {
    return Dim3.of(Math.toIntExact((elements + BLOCK - 1) / BLOCK));
  }

  /** A grid for a kernel that loops over the grid. */
  static Dim3 looping(long units) {
    return Dim3.of((int) Math.min(ENOUGH, (units + BLOCK - 1) / BLOCK));
  }

  static void positive(String what, String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          what + ": " + name + " must be at least 1 but is " + value);
    }
  }

  /**
   * Kernels index with 32 bits where that is faster; one turn of the loop over the grid beyond the
   * end must fit too.
   */
  static void indexable(String what, long elements) {
    if (elements > MAX_ELEMENTS) {
      throw new IllegalArgumentException(
          what
              + ": "
              + elements
              + " elements are more than the "
              + MAX_ELEMENTS
              + " a kernel can index; split the batch");
    }
  }
}
