package io.github.f2d4j.weights.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Conversion against a slow twin that looks for the nearest of all values of the narrow type. */
class ValueConversionTest {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  private static double value(DType type, int bits) {
    return type == DType.F16
        ? Float.float16ToFloat((short) bits)
        : Float.intBitsToFloat(bits << 16);
  }

  /** Values at and beside every kind of boundary of the type, and random ones between. */
  private static List<Double> hard(DType type) {
    List<Double> values = new ArrayList<>(List.of(0.0, -0.0, 1.0, 65504.0, 65519.99, 65520.0, 1e5));
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    for (int i = 0; i < 3000; i++) {
      int bits = random.nextInt(0x7f80);
      if (type == DType.F16) {
        bits = random.nextInt(0x7c00);
      }
      double low = value(type, bits);
      double high = value(type, bits + 1);
      if (Double.isInfinite(high)) {
        continue;
      }
      double middle = (low + high) / 2;
      values.addAll(List.of(low, middle, Math.nextUp(middle), Math.nextDown(middle)));
      values.add(-low - (high - low) * random.nextDouble());
    }
    values.addAll(List.of(3.3e38, 3.4028234663852886e38, 1e39, 1e300, 1e-45, 1e-50, 1e-320));
    return values;
  }

  /** Nearest, ties to even, by bisection over the ordered values of one sign. */
  private static int nearest(DType type, double v) {
    double a = Math.abs(v);
    int infinity = type == DType.F16 ? 0x7c00 : 0x7f80;
    int low = 0;
    int high = infinity;
    while (high - low > 1) {
      int middle = (low + high) / 2;
      if (value(type, middle) <= a) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double below = value(type, low);
    // Beyond the largest value the grid goes on as if there were one more.
    double above = high == infinity ? below + (below - value(type, low - 1)) : value(type, high);
    double down = a - below;
    double up = above - a;
    int bits = down < up || (down == up && low % 2 == 0) ? low : high;
    return bits | (Double.doubleToRawLongBits(v) < 0 ? 0x8000 : 0);
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void roundsToNearestAndCounts(DType type) {
    List<Double> values = hard(type);
    int n = values.size();
    MemorySegment source = MemorySegment.ofArray(new byte[8 * n]);
    MemorySegment target = MemorySegment.ofArray(new byte[2 * n]);
    for (int i = 0; i < n; i++) {
      source.set(DOUBLE, 8L * i, values.get(i));
    }
    RangeReport report = ValueConversion.convert("x", source, DType.F64, target, type, n);
    long overflowed = 0;
    long vanished = 0;
    long subnormal = 0;
    double normal = type == DType.F16 ? 0x1p-14 : Float.MIN_NORMAL;
    for (int i = 0; i < n; i++) {
      double v = values.get(i);
      int expected = nearest(type, v);
      assertEquals(expected, target.get(SHORT, 2L * i) & 0xffff, v + " as " + type);
      double got = Math.abs(value(type, expected & 0x7fff));
      overflowed += Double.isInfinite(got) ? 1 : 0;
      vanished += got == 0 && v != 0 ? 1 : 0;
      subnormal += got != 0 && Math.abs(v) < normal && got != Math.abs(v) ? 1 : 0;
    }
    assertEquals(overflowed, report.overflowed());
    assertEquals(vanished, report.vanished());
    assertEquals(subnormal, report.subnormal());
    assertEquals(0, report.notFinite());
    assertEquals(1e300, report.largest());
  }

  @ParameterizedTest
  @CsvSource({"F16, F32", "BF16, F32", "F16, F16", "BF16, BF16", "BF16, F16"})
  void wideningIsExactAndNotFiniteIsCounted(DType from, DType to) {
    MemorySegment source = MemorySegment.ofArray(new byte[2 * 65536]);
    for (int i = 0; i < 65536; i++) {
      source.set(SHORT, 2L * i, (short) i);
    }
    int bytes = to.bytes();
    MemorySegment target = MemorySegment.ofArray(new byte[bytes * 65536]);
    RangeReport report = ValueConversion.convert("x", source, from, target, to, 65536);
    long notFinite = 0;
    for (int i = 0; i < 65536; i++) {
      double v = value(from, i);
      notFinite += Double.isFinite(v) ? 0 : 1;
      if (to == DType.F32 && !Double.isNaN(v)) {
        float got = target.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
        assertEquals(Float.floatToRawIntBits((float) v), Float.floatToRawIntBits(got));
      }
    }
    assertEquals(notFinite, report.notFinite());
    assertEquals(from == DType.BF16 && to == DType.F16, report.overflowed() > 0);
  }

  /** OFP8's tables: largest values, smallest ones, and what is no number. */
  @ParameterizedTest
  @CsvSource({
    "F8_E4M3, 0x7e, 448", "F8_E4M3, 0x7f, NaN", "F8_E4M3, 0x08, 0.015625",
    "F8_E4M3, 0x01, 0.001953125", "F8_E4M3, 0xb8, -1", "F8_E4M3, 0x00, 0",
    "F8_E5M2, 0x7b, 57344", "F8_E5M2, 0x7c, Infinity", "F8_E5M2, 0x01, 0.0000152587890625",
    "F8_E5M2, 0xbc, -1"
  })
  void eightBitFloats(DType type, String bits, double expected) {
    MemorySegment source = MemorySegment.ofArray(new byte[] {Integer.decode(bits).byteValue()});
    MemorySegment target = MemorySegment.ofArray(new byte[2]);
    ValueConversion.convert("x", source, type, target, DType.F16, 1);
    assertEquals(expected, Float.float16ToFloat(target.get(SHORT, 0)), 0);
  }
}
