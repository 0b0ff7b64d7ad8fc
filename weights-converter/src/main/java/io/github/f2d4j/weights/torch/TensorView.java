package io.github.f2d4j.weights.torch;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor as PyTorch keeps it: an offset and strides, in elements, into a storage that other
 * tensors may share. Element {@code (i0, i1, …)} lies at {@code offset + i0*stride0 + i1*stride1 +
 * …}.
 */
final class TensorView {
  /** As in PyTorch. */
  private static final int MAX_RANK = 64;

  /** A view that shows elements more than once may not unfold beyond this. */
  static final long MAX_EXPANDED_BYTES = 256L << 20;

  private static final long ALIGNMENT = 64;

  private final StorageRef storage;
  private final TensorType type;
  private final long offset;
  private final long[] strides;

  private TensorView(StorageRef storage, TensorType type, long offset, long[] strides) {
    this.storage = storage;
    this.type = type;
    this.offset = offset;
    this.strides = strides;
  }

  /** Checks every number that a pickle gives for a tensor against its storage. */
  static TensorView of(
      Faults faults,
      StorageRef storage,
      DType dtype,
      Object offset,
      List<Object> size,
      List<Object> stride)
      throws TorchFormatException {
    if (size.size() != stride.size() || size.size() > MAX_RANK) {
      throw faults.damaged(
          "a tensor must have a stride for each of at most " + MAX_RANK + " extents",
          size.size() + " extents and " + stride.size() + " strides",
          "as many");
    }
    int[] dims = new int[size.size()];
    long[] strides = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = (int) number(faults, "the extent of a tensor", size.get(i), Integer.MAX_VALUE);
      strides[i] = number(faults, "the stride of a tensor", stride.get(i), Long.MAX_VALUE);
    }
    long first = number(faults, "the offset of a tensor", offset, Long.MAX_VALUE);
    Shape shape;
    try {
      shape = Shape.of(dims);
    } catch (IllegalArgumentException e) {
      throw outOfBounds(faults, storage, dims, strides, first);
    }
    long visible = storage.visible() * storage.type().dtype().bytes() / dtype.bytes();
    if (shape.elements() > 0) {
      long last = last(first, dims, strides);
      if (last < 0 || last >= visible) {
        throw outOfBounds(faults, storage, dims, strides, first);
      }
      if (shape.elements() > visible && shape.elements() > MAX_EXPANDED_BYTES / dtype.bytes()) {
        throw faults.limit(
            "a tensor that shows elements of its storage repeatedly is limited",
            dtype + shape.toString() + " from " + visible + " elements",
            "at most " + (MAX_EXPANDED_BYTES >> 20) + " MiB");
      }
    }
    long base = storage.offset() * storage.type().dtype().bytes() / dtype.bytes();
    return new TensorView(storage, new TensorType(dtype, shape), base + first, strides);
  }

  /** A whole storage as a tensor of one extent. */
  static TensorView of(Faults faults, StorageRef storage) throws TorchFormatException {
    return of(faults, storage, storage.type().dtype(), 0L, List.of(storage.visible()), List.of(1L));
  }

  private static long number(Faults faults, String what, Object value, long most)
      throws TorchFormatException {
    if (!(value instanceof Long number) || number < 0 || number > most) {
      throw faults.damaged(
          what + " must be a number that is not negative",
          value instanceof Long number ? number.toString() : Pickled.kind(value),
          "0 to " + most);
    }
    return number;
  }

  /** The index of the last element within the storage; -1 if it passes 2^63-1. */
  private static long last(long first, int[] dims, long[] strides) {
    long last = first;
    for (int i = 0; i < dims.length; i++) {
      long steps = dims[i] - 1L;
      if (steps > 0 && strides[i] > (Long.MAX_VALUE - last) / steps) {
        return -1;
      }
      last += steps * strides[i];
    }
    return last;
  }

  private static TorchFormatException outOfBounds(
      Faults faults, StorageRef storage, int[] dims, long[] strides, long offset) {
    return faults.damaged(
        "a tensor must lie within its storage",
        "shape "
            + shown(Arrays.toString(dims))
            + " with strides "
            + shown(Arrays.toString(strides))
            + " from element "
            + offset
            + " of storage "
            + storage.key(),
        "elements 0 to " + (storage.visible() - 1));
  }

  private static String shown(String list) {
    return list.length() > 200 ? list.substring(0, 200) + "…" : list;
  }

  StorageRef storage() {
    return storage;
  }

  TensorType type() {
    return type;
  }

  /** Whether the elements lie in row-major order without gaps; extents of 1 do not matter. */
  boolean isContiguous() {
    long dense = 1;
    Shape shape = type.shape();
    for (int i = strides.length - 1; i >= 0; i--) {
      int dim = shape.dim(i);
      if (dim != 1 && strides[i] != dense) {
        return shape.elements() == 0;
      }
      dense *= dim;
    }
    return true;
  }

  /**
   * The elements in row-major order: a slice of the storage where they lie so, otherwise a copy.
   *
   * @param bytes of the whole storage
   */
  MemorySegment read(MemorySegment bytes) {
    int size = type.dtype().bytes();
    if (type.shape().elements() == 0) {
      return bytes.asSlice(0, 0);
    }
    if (isContiguous()) {
      return bytes.asSlice(offset * size, type.bytes());
    }
    MemorySegment copy = Arena.ofAuto().allocate(type.bytes(), ALIGNMENT);
    int[] dims = type.shape().dims();
    int rows = dims.length - 1;
    int[] at = new int[rows];
    long from = offset;
    long to = 0;
    do {
      copyRow(bytes, from * size, strides[rows] * size, copy, to, dims[rows], size);
      to += (long) dims[rows] * size;
      from = next(at, dims, from);
    } while (from >= 0);
    return copy;
  }

  /** Counts {@code at} up, last first; the element where the next row begins, or -1 at the end. */
  private long next(int[] at, int[] dims, long from) {
    long next = from;
    for (int i = at.length - 1; i >= 0; i--) {
      if (++at[i] < dims[i]) {
        return next + strides[i];
      }
      next -= strides[i] * (dims[i] - 1L);
      at[i] = 0;
    }
    return -1;
  }

  private static void copyRow(
      MemorySegment source, long from, long step, MemorySegment target, long to, int n, int size) {
    if (step == size) {
      MemorySegment.copy(source, from, target, to, (long) n * size);
      return;
    }
    switch (size) {
      case 1 -> {
        for (int i = 0; i < n; i++) {
          target.set(
              ValueLayout.JAVA_BYTE, to + i, source.get(ValueLayout.JAVA_BYTE, from + i * step));
        }
      }
      case 2 -> {
        for (int i = 0; i < n; i++) {
          short value = source.get(ValueLayout.JAVA_SHORT_UNALIGNED, from + i * step);
          target.set(ValueLayout.JAVA_SHORT_UNALIGNED, to + 2L * i, value);
        }
      }
      case 4 -> {
        for (int i = 0; i < n; i++) {
          int value = source.get(ValueLayout.JAVA_INT_UNALIGNED, from + i * step);
          target.set(ValueLayout.JAVA_INT_UNALIGNED, to + 4L * i, value);
        }
      }
      default -> {
        for (int i = 0; i < n; i++) {
          long value = source.get(ValueLayout.JAVA_LONG_UNALIGNED, from + i * step);
          target.set(ValueLayout.JAVA_LONG_UNALIGNED, to + 8L * i, value);
        }
      }
    }
  }
}
