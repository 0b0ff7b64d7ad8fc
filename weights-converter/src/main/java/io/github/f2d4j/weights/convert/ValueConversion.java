package io.github.f2d4j.weights.convert;

import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Converts the values of one tensor between floating-point types, to nearest even, and counts what
 * did not fit. Both sides are dense and little-endian.
 */
final class ValueConversion {
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Values handled at a time: they stay in the first-level cache. */
  private static final int BLOCK = 4096;

  /** The smallest normal numbers. */
  private static final double MIN_NORMAL_F16 = 0x1p-14;

  private final double[] block = new double[BLOCK];
  private long notFinite;
  private long overflowed;
  private long vanished;
  private long subnormal;
  private double largest;

  private ValueConversion() {}

  /**
   * Converts {@code elements} values from one segment to another, which may be the same if the
   * types are.
   */
  static RangeReport convert(
      String key, MemorySegment source, DType from, MemorySegment target, DType to, long elements) {
    ValueConversion c = new ValueConversion();
    for (long at = 0; at < elements; at += BLOCK) {
      int n = (int) Math.min(BLOCK, elements - at);
      c.read(source, from, at, n);
      c.check(n, to);
      if (from != to) {
        c.write(target, to, at, n);
      }
    }
    return new RangeReport(
        key, from, to, elements, c.notFinite, c.overflowed, c.vanished, c.subnormal, c.largest);
  }

  private void read(MemorySegment source, DType from, long at, int n) {
    switch (from) {
      case F64 -> {
        for (int i = 0; i < n; i++) {
          block[i] = source.get(F64, 8 * (at + i));
        }
      }
      case F32 -> {
        for (int i = 0; i < n; i++) {
          block[i] = source.get(F32, 4 * (at + i));
        }
      }
      case F16 -> {
        for (int i = 0; i < n; i++) {
          block[i] = Float.float16ToFloat(source.get(I16, 2 * (at + i)));
        }
      }
      case BF16 -> {
        for (int i = 0; i < n; i++) {
          block[i] = Float.intBitsToFloat(source.get(I16, 2 * (at + i)) << 16);
        }
      }
      case F8_E4M3 -> {
        for (int i = 0; i < n; i++) {
          block[i] = e4m3(source.get(ValueLayout.JAVA_BYTE, at + i));
        }
      }
      case F8_E5M2 -> {
        for (int i = 0; i < n; i++) {
          // The upper half of a float16.
          block[i] = Float.float16ToFloat((short) (source.get(ValueLayout.JAVA_BYTE, at + i) << 8));
        }
      }
      default -> throw new IllegalArgumentException("not a floating-point type: " + from);
    }
  }

  /** OFP8 E4M3: bias 7, no infinities, all ones is NaN. */
  static double e4m3(byte bits) {
    int exponent = (bits >> 3) & 0xf;
    int mantissa = bits & 7;
    double magnitude;
    if (exponent == 15 && mantissa == 7) {
      magnitude = Double.NaN;
    } else if (exponent == 0) {
      magnitude = mantissa * 0x1p-9;
    } else {
      magnitude = Math.scalb(1 + mantissa / 8.0, exponent - 7);
    }
    return bits < 0 ? -magnitude : magnitude;
  }

  /** Counts by the value that the target type would hold. */
  private void check(int n, DType to) {
    double minNormal = to == DType.F16 ? MIN_NORMAL_F16 : Float.MIN_NORMAL;
    for (int i = 0; i < n; i++) {
      double v = block[i];
      double a = Math.abs(v);
      if (!(a <= Double.MAX_VALUE)) {
        notFinite++;
        continue;
      }
      largest = Math.max(largest, a);
      if (a >= 1 && Double.isInfinite(rounded(a, to))) {
        overflowed++;
      } else if (a < minNormal && a > 0) {
        double r = rounded(a, to);
        if (r == 0) {
          vanished++;
        } else if (r != a) {
          subnormal++;
        }
      }
    }
  }

  private static double rounded(double a, DType to) {
    return switch (to) {
      case F16 -> Float.float16ToFloat(toF16(a));
      case BF16 -> Float.intBitsToFloat(toBf16(a) << 16);
      case F32 -> (float) a;
      default -> a;
    };
  }

  private void write(MemorySegment target, DType to, long at, int n) {
    switch (to) {
      case F32 -> {
        for (int i = 0; i < n; i++) {
          target.set(F32, 4 * (at + i), (float) block[i]);
        }
      }
      case F16 -> {
        for (int i = 0; i < n; i++) {
          target.set(I16, 2 * (at + i), toF16(block[i]));
        }
      }
      case BF16 -> {
        for (int i = 0; i < n; i++) {
          target.set(I16, 2 * (at + i), toBf16(block[i]));
        }
      }
      default -> throw new IllegalArgumentException("no conversion to " + to);
    }
  }

  private static short toF16(double v) {
    return Float.floatToFloat16(toOdd(v));
  }

  /** To nearest, ties to even; NaN stays NaN. */
  private static short toBf16(double v) {
    float f = toOdd(v);
    int bits = Float.floatToRawIntBits(f);
    if (Float.isNaN(f)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /**
   * A float that rounds on to a narrower type as the double itself would: cut off, with the last
   * bit set if anything was cut. Exact where the value is a float already.
   */
  private static float toOdd(double v) {
    float f = (float) v;
    if (f == v || Double.isNaN(v) || Double.isInfinite(v)) {
      return f;
    }
    if (Math.abs(f) > Math.abs(v)) {
      f = f > 0 ? Math.nextDown(f) : Math.nextUp(f);
    }
    return Float.intBitsToFloat(Float.floatToRawIntBits(f) | 1);
  }
}
