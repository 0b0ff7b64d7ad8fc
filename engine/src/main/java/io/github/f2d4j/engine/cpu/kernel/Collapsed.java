package io.github.f2d4j.engine.cpu.kernel;

import java.util.Arrays;
import java.util.List;

/**
 * Axes of strided views, with those of extent 1 dropped and neighbours merged wherever every view
 * walks both as one. There is always at least one axis.
 */
public final class Collapsed {
  private final int[] dims;
  private final long[][] strides;

  private Collapsed(int[] dims, long[][] strides) {
    this.dims = dims;
    this.strides = strides;
  }

  /** The extents; the caller must not change them. */
  public int[] dims() {
    return dims;
  }

  /** Per view, the stride of each axis in the caller's unit; the caller must not change them. */
  public long[][] strides() {
    return strides;
  }

  /** Collapses {@code shape}, over which each of {@code views} steps by its strides. */
  public static Collapsed of(int[] shape, List<long[]> views) {
    int rank = shape.length;
    int[] dims = new int[rank];
    long[][] strides = new long[views.size()][rank];
    int n = 0;
    for (int d = 0; d < rank; d++) {
      if (shape[d] == 1) {
        continue;
      }
      if (n > 0
          && mergeable(strides, views, n - 1, d, shape[d])
          && (long) dims[n - 1] * shape[d] <= Integer.MAX_VALUE) {
        dims[n - 1] *= shape[d];
        n--;
      } else {
        dims[n] = shape[d];
      }
      for (int v = 0; v < strides.length; v++) {
        strides[v][n] = views.get(v)[d];
      }
      n++;
    }
    if (n == 0) {
      return new Collapsed(new int[] {1}, new long[views.size()][1]);
    }
    int axes = n;
    return new Collapsed(
        Arrays.copyOf(dims, axes),
        Arrays.stream(strides).map(s -> Arrays.copyOf(s, axes)).toArray(long[][]::new));
  }

  private static boolean mergeable(
      long[][] strides, List<long[]> views, int outer, int d, int extent) {
    for (int v = 0; v < strides.length; v++) {
      if (strides[v][outer] != views.get(v)[d] * extent) {
        return false;
      }
    }
    return true;
  }
}
