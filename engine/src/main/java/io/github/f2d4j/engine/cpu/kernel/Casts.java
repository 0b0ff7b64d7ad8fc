package io.github.f2d4j.engine.cpu.kernel;

import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Conversions between element types. Floats round to nearest even; floats become integers by
 * truncation, out of range the nearest integer, NaN 0; integers become narrower ones by dropping
 * high bits. Plain loops: the compiler vectorises the float16 ones.
 */
public final class Casts {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private Casts() {}

  /** Converts {@code n} elements from {@code x} at byte {@code xo} to {@code y} at {@code yo}. */
  public static void cast(
      DType from, MemorySegment x, long xo, DType to, MemorySegment y, long yo, long n) {
    if (from == to) {
      MemorySegment.copy(x, xo, y, yo, n * from.bytes());
    } else if (from == DType.F16 && to == DType.F32) {
      halfToFloat(x, xo, y, yo, n);
    } else if (from == DType.BF16 && to == DType.F32) {
      bfloatToFloat(x, xo, y, yo, n);
    } else if (from == DType.F32 && to == DType.F16) {
      for (long i = 0; i < n; i++) {
        y.set(SHORT, yo + 2 * i, Float.floatToFloat16(x.get(FLOAT, xo + 4 * i)));
      }
    } else if (from == DType.F32 && to == DType.BF16) {
      for (long i = 0; i < n; i++) {
        y.set(SHORT, yo + 2 * i, toBfloat(x.get(FLOAT, xo + 4 * i)));
      }
    } else if (from.isFloating()) {
      for (long i = 0; i < n; i++) {
        set(to, y, yo + i * to.bytes(), real(from, x, xo + i * from.bytes()));
      }
    } else {
      for (long i = 0; i < n; i++) {
        set(to, y, yo + i * to.bytes(), integer(from, x, xo + i * from.bytes()));
      }
    }
  }

  private static void halfToFloat(MemorySegment x, long xo, MemorySegment y, long yo, long n) {
    for (long i = 0; i < n; i++) {
      y.set(FLOAT, yo + 4 * i, Float.float16ToFloat(x.get(SHORT, xo + 2 * i)));
    }
  }

  private static void bfloatToFloat(MemorySegment x, long xo, MemorySegment y, long yo, long n) {
    for (long i = 0; i < n; i++) {
      y.set(INT, yo + 4 * i, x.get(SHORT, xo + 2 * i) << 16);
    }
  }

  /** The nearest bfloat16; a NaN stays one. */
  static short toBfloat(float v) {
    int bits = Float.floatToRawIntBits(v);
    if (Float.isNaN(v)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
  }

  /** The value as float32 with the last bit set if inexact, so that rounding again is right. */
  private static float toOdd(double v) {
    float f = (float) v;
    int bits = Float.floatToRawIntBits(f);
    if (f == v || Double.isNaN(v) || (bits & 1) != 0) {
      return f;
    }
    return Float.intBitsToFloat(Math.abs((double) f) > Math.abs(v) ? bits - 1 : bits + 1);
  }

  private static double real(DType type, MemorySegment x, long offset) {
    return switch (type) {
      case F64 -> x.get(DOUBLE, offset);
      case F32 -> x.get(FLOAT, offset);
      case F16 -> Float.float16ToFloat(x.get(SHORT, offset));
      case BF16 -> Float.intBitsToFloat(x.get(SHORT, offset) << 16);
      default -> throw unsupported(type);
    };
  }

  private static long integer(DType type, MemorySegment x, long offset) {
    return switch (type) {
      case I64 -> x.get(LONG, offset);
      case I32 -> x.get(INT, offset);
      case U8 -> x.get(BYTE, offset) & 0xFF;
      default -> throw unsupported(type);
    };
  }

  private static void set(DType type, MemorySegment y, long offset, double v) {
    switch (type) {
      case F64 -> y.set(DOUBLE, offset, v);
      case F32 -> y.set(FLOAT, offset, (float) v);
      case F16 -> y.set(SHORT, offset, Float.floatToFloat16(toOdd(v)));
      case BF16 -> y.set(SHORT, offset, toBfloat(toOdd(v)));
      case I64 -> y.set(LONG, offset, (long) v);
      case I32 -> y.set(INT, offset, (int) v);
      case U8 -> y.set(BYTE, offset, (byte) Math.clamp((long) v, 0, 255));
      default -> throw unsupported(type);
    }
  }

  private static void set(DType type, MemorySegment y, long offset, long v) {
    switch (type) {
      case F32 -> y.set(FLOAT, offset, (float) v);
      case F64, F16, BF16 -> set(type, y, offset, (double) v);
      case I64 -> y.set(LONG, offset, v);
      case I32 -> y.set(INT, offset, (int) v);
      case U8 -> y.set(BYTE, offset, (byte) v);
      default -> throw unsupported(type);
    }
  }

  private static IllegalArgumentException unsupported(DType type) {
    return new IllegalArgumentException(
        "cannot convert " + type + "; expected F64, F32, F16, BF16, I64, I32 or U8");
  }
}
