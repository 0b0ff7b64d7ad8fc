package io.github.f2d4j.engine.reference;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A tensor's elements as doubles. 64-bit integers up to 2^53 pass through unharmed. */
final class Values {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  private final Shape shape;
  private final double[] data;

  Values(Shape shape, double[] data) {
    this.shape = shape;
    this.data = data;
  }

  Shape shape() {
    return shape;
  }

  double[] data() {
    return data;
  }

  static Values zeros(Shape shape) {
    return new Values(shape, new double[Math.toIntExact(shape.elements())]);
  }

  static Values read(TensorType type, Buffer buffer) {
    MemorySegment m = buffer.toHost();
    Values v = zeros(type.shape());
    for (int i = 0; i < v.data.length; i++) {
      v.data[i] = get(m, type.dtype(), i);
    }
    return v;
  }

  private static double get(MemorySegment m, DType dtype, int i) {
    return switch (dtype) {
      case F64 -> m.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * i);
      case F32 -> m.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
      case F16 -> Float.float16ToFloat(m.get(SHORT, 2L * i));
      case BF16 -> Float.intBitsToFloat(m.get(SHORT, 2L * i) << 16);
      case I64 -> m.get(ValueLayout.JAVA_LONG_UNALIGNED, 8L * i);
      case I32 -> m.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i);
      case U8 -> Byte.toUnsignedInt(m.get(ValueLayout.JAVA_BYTE, i));
      case F8_E4M3, F8_E5M2, I16, I8, U64, U32, U16, BOOL ->
          throw new IllegalArgumentException("no operator computes with " + dtype);
    };
  }

  void write(DType dtype, Buffer buffer) {
    MemorySegment m = buffer.toHost();
    for (int i = 0; i < data.length; i++) {
      double d = data[i];
      switch (dtype) {
        case F64 -> m.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * i, d);
        case F32 -> m.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, (float) d);
        case F16 -> m.set(SHORT, 2L * i, Float.floatToFloat16((float) d));
        case BF16 -> m.set(SHORT, 2L * i, bfloat16((float) d));
        case I64 -> m.set(ValueLayout.JAVA_LONG_UNALIGNED, 8L * i, (long) d);
        case I32 -> m.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * i, (int) d);
        case U8 -> m.set(ValueLayout.JAVA_BYTE, i, (byte) (int) d);
        case F8_E4M3, F8_E5M2, I16, I8, U64, U32, U16, BOOL ->
            throw new IllegalArgumentException("no operator gives " + dtype);
      }
    }
  }

  /** Rounds to nearest, ties to even; a NaN stays one. */
  private static short bfloat16(float f) {
    int bits = Float.floatToRawIntBits(f);
    if (Float.isNaN(f)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /** The position of a row-major index along each axis. */
  int[] position(int index) {
    int[] p = new int[shape.rank()];
    for (int i = p.length - 1; i >= 0; i--) {
      p[i] = index % shape.dim(i);
      index /= shape.dim(i);
    }
    return p;
  }

  /** The element at a position; the position has one entry per axis. */
  double at(int... position) {
    return data[index(position)];
  }

  int index(int... position) {
    int index = 0;
    for (int i = 0; i < position.length; i++) {
      index = index * shape.dim(i) + position[i];
    }
    return index;
  }

  /** The element that broadcasting finds for a position of a larger shape. */
  double broadcast(int[] position) {
    int index = 0;
    int skip = position.length - shape.rank();
    for (int i = 0; i < shape.rank(); i++) {
      index = index * shape.dim(i) + (shape.dim(i) == 1 ? 0 : position[skip + i]);
    }
    return data[index];
  }
}
