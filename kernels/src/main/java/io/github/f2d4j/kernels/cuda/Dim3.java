package io.github.f2d4j.kernels.cuda;

/**
 * The extent of a grid in blocks, or of a block in threads.
 *
 * @param x the fastest
 */
public record Dim3(int x, int y, int z) {
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

  /** A row of {@code x}. */
  public static Dim3 of(int x) {
    return new Dim3(x, 1, 1);
  }

  @Override
  public String toString() {
    return x + "x" + y + "x" + z;
  }
}
