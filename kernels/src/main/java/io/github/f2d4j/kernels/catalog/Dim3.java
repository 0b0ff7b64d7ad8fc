package io.github.f2d4j.kernels.catalog;

/**
 * The extent of a grid in blocks, or of a block in threads.
 *
 * @param x the fastest
 */
public record Dim3(int x, int y, int z) {
  /** Checks that every extent is at least 1. */
  public Dim3 {
    if (x < 1 || y < 1 || z < 1) {
      throw new IllegalArgumentException(
          "grids and blocks have at least 1 in each direction, not "
              + x
              + "x"
              + y
              + "x"
              + z
              + "; skip the launch where there is nothing to do");
    }
  }

  /** A line. */
  public static Dim3 of(int x) {
    return new Dim3(x, 1, 1);
  }

  /** A rectangle. */
  public static Dim3 of(int x, int y) {
    return new Dim3(x, y, 1);
  }

  /** All of them. */
  public long count() {
    return (long) x * y * z;
  }

  @Override
  public String toString() {
    return x + "x" + y + "x" + z;
  }
}
