package io.github.f2d4j.engine.op;

import io.github.f2d4j.engine.types.Shape;
import java.util.Arrays;

/** NumPy's broadcasting rule. */
public final class Broadcast {
  private Broadcast() {}

  /**
   * The shape that {@code a} and {@code b} broadcast to: aligned at the last axis, extents must be
   * equal or 1.
   *
   * @throws IllegalArgumentException if they do not broadcast
   */
  public static Shape shape(Shape a, Shape b) {
    if (a.equals(b)) {
      return a;
    }
    int rank = Math.max(a.rank(), b.rank());
    int[] dims = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int da = i <= a.rank() ? a.dim(-i) : 1;
      int db = i <= b.rank() ? b.dim(-i) : 1;
      if (da != db && da != 1 && db != 1) {
        throw new IllegalArgumentException(
            "shapes "
                + a
                + " and "
                + b
                + " do not broadcast: extent "
                + da
                + " against "
                + db
                + " at axis "
                + (rank - i)
                + "; expected equal extents or 1");
      }
      dims[rank - i] = da == 1 ? db : da;
    }
    return Shape.of(dims);
  }

  /**
   * Strides in elements with which a dense tensor of shape {@code from} is read as {@code to}; 0
   * where an axis is repeated.
   *
   * @throws IllegalArgumentException if {@code from} does not broadcast to exactly {@code to}
   */
  public static long[] strides(Shape from, Shape to) {
    if (!shape(from, to).equals(to)) {
      throw new IllegalArgumentException("shape " + from + " does not broadcast to " + to);
    }
    long[] dense = from.strides();
    long[] strides = new long[to.rank()];
    Arrays.fill(strides, 0);
    for (int i = 1; i <= from.rank(); i++) {
      strides[to.rank() - i] = from.dim(-i) == 1 ? 0 : dense[from.rank() - i];
    }
    return strides;
  }
}
