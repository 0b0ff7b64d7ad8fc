package io.github.f2d4j.engine.types;

import java.util.Arrays;

/**
 * The extents of a tensor, outermost first. Immutable. Rank 0 is a scalar with one element; any
 * extent may be 0.
 */
public final class Shape {
  private static final Shape SCALAR = new Shape(new int[0], 1);

  private final int[] dims;
  private final long elements;

  private Shape(int[] dims, long elements) {
    this.dims = dims;
    this.elements = elements;
  }

  /**
   * A shape of these extents.
   *
   * @throws IllegalArgumentException if an extent is negative or the number of elements exceeds
   *     {@link Long#MAX_VALUE}
   */
  public static Shape of(int... dims) {
    if (dims.length == 0) {
      return SCALAR;
    }
    int[] copy = dims.clone();
    return new Shape(copy, count(copy));
  }

  private static long count(int[] dims) {
    long n = 1;
    boolean empty = false;
    for (int d : dims) {
      if (d < 0) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(dims) + " has the negative extent " + d);
      }
      empty |= d == 0;
    }
    if (empty) {
      return 0;
    }
    for (int d : dims) {
      if (n > Long.MAX_VALUE / d) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(dims) + " has more than 2^63-1 elements");
      }
      n *= d;
    }
    return n;
  }

  /** The number of extents. */
  public int rank() {
    return dims.length;
  }

  /** Extent {@code axis}; a negative axis counts from the end. */
  public int dim(int axis) {
    return dims[axis(axis)];
  }

  /**
   * {@code axis} as a non-negative index.
   *
   * @throws IllegalArgumentException if this shape has no such axis
   */
  public int axis(int axis) {
    int a = axis < 0 ? axis + dims.length : axis;
    if (a < 0 || a >= dims.length) {
      throw new IllegalArgumentException(
          "axis " + axis + " does not exist in shape " + this + " of rank " + dims.length);
    }
    return a;
  }

  /** The number of elements: the product of all extents. */
  public long elements() {
    return elements;
  }

  /** A copy of the extents. */
  public int[] dims() {
    return dims.clone();
  }

  /** Row-major strides in elements; the last is 1. */
  public long[] strides() {
    long[] s = new long[dims.length];
    long n = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      s[i] = n;
      n *= dims[i];
    }
    return s;
  }

  /** This shape with extent {@code axis} replaced. */
  public Shape with(int axis, int extent) {
    int[] d = dims.clone();
    d[axis(axis)] = extent;
    return of(d);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Shape s && Arrays.equals(dims, s.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** For example {@code [2,64,64,4]}; a scalar is {@code []}. */
  @Override
  public String toString() {
    return Arrays.toString(dims).replace(" ", "");
  }
}
