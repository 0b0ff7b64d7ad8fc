package io.github.f2d4j.engine.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.backend.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention in one function on the matrix unit, against double precision. */
class UnitHeadTest {
  private static final double LOG2_E = 1.4426950408889634;

  /** Rows of a head among others: {@code d} channels every {@code pitch} floats. */
  private static final class Rows {
    private final float[] floats;
    private final int pitch;
    private final int d;

    Rows(float[] floats, int pitch, int d) {
      this.floats = floats;
      this.pitch = pitch;
      this.d = d;
    }

    static Rows random(int count, int d, int pitch, double size, long seed) {
      Random random = new Random(seed);
      float[] floats = new float[count * pitch];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) (random.nextGaussian() * size);
      }
      return new Rows(floats, pitch, d);
    }

    double get(int row, int channel) {
      return floats[row * pitch + channel];
    }

    MemorySegment memory() {
      // Not a byte more than the last row's channels.
      int used = floats.length - pitch + d;
      MemorySegment memory = HostBuffer.allocate(4L * used).segment();
      MemorySegment.copy(floats, 0, memory, ValueLayout.JAVA_FLOAT, 0, used);
      return memory;
    }
  }

  private static float[] attend(
      Rows q, int queries, Rows k, Rows v, int keys, int atATime, float factor) {
    int d = q.d;
    int strips = Math.ceilDiv(queries, UnitHead.QUERIES);
    UnitHead head = new UnitHead(d, atATime, strips);
    MemorySegment qs = q.memory();
    MemorySegment ks = k.memory();
    MemorySegment vs = v.memory();
    MemorySegment y = HostBuffer.allocate(4L * queries * d).segment();
    for (int strip = 0; strip < strips; strip++) {
      head.start(strip);
    }
    for (int key = 0; key < keys; key += atATime) {
      int some = Math.min(atATime, keys - key);
      head.keys(ks, 4L * key * k.pitch, 4L * k.pitch, vs, 4L * key * v.pitch, 4L * v.pitch, some);
      for (int strip = 0; strip < strips; strip++) {
        int first = strip * UnitHead.QUERIES;
        int rows = Math.min(UnitHead.QUERIES, queries - first);
        head.attend(strip, qs, 4L * first * q.pitch, 4L * q.pitch, rows, factor);
      }
    }
    for (int strip = 0; strip < strips; strip++) {
      int first = strip * UnitHead.QUERIES;
      head.results(strip, y, 4L * first * d, 4L * d, Math.min(UnitHead.QUERIES, queries - first));
    }
    float[] result = new float[queries * d];
    MemorySegment.copy(y, ValueLayout.JAVA_FLOAT, 0, result, 0, result.length);
    return result;
  }

  private static double[] exact(Rows q, int query, Rows k, Rows v, int keys, float factor) {
    double[] scores = new double[keys];
    for (int key = 0; key < keys; key++) {
      for (int i = 0; i < q.d; i++) {
        scores[key] += q.get(query, i) * k.get(key, i);
      }
      scores[key] *= factor / LOG2_E;
    }
    double most = Arrays.stream(scores).max().orElseThrow();
    double sum = 0;
    double[] y = new double[q.d];
    for (int key = 0; key < keys; key++) {
      double p = Math.exp(scores[key] - most);
      sum += p;
      for (int i = 0; i < q.d; i++) {
        y[i] += p * v.get(key, i);
      }
    }
    for (int i = 0; i < q.d; i++) {
      y[i] /= sum;
    }
    return y;
  }

  /** The largest error of results of values of size 1. */
  private static double allowed() {
    return Amx.precision() == Precision.MEDIUM ? 0.1 : 4e-6;
  }

  @ParameterizedTest
  @CsvSource({
    "16, 1, 1, 32",
    "16, 17, 33, 32",
    "24, 40, 96, 64",
    "32, 32, 64, 64",
    "40, 33, 77, 96",
    "40, 100, 300, 128",
    "56, 31, 65, 96",
    "64, 15, 31, 32",
    "80, 64, 130, 160",
    "160, 16, 64, 32",
    "512, 20, 70, 64"
  })
  void itIsAttention(int d, int queries, int keys, int atATime) {
    assumeTrue(Amx.used(), Amx::describe);
    Rows q = Rows.random(queries, d, d + 3, 1, 1);
    Rows k = Rows.random(keys, d, d + 8, 1, 2);
    Rows v = Rows.random(keys, d, 3 * d, 1, 3);
    float factor = (float) (LOG2_E / Math.sqrt(d));
    float[] y = attend(q, queries, k, v, keys, atATime, factor);
    for (int query = 0; query < queries; query++) {
      double[] exact = exact(q, query, k, v, keys, factor);
      for (int i = 0; i < d; i++) {
        assertEquals(exact[i], y[query * d + i], allowed(), query + ", " + i);
      }
    }
  }

  /** Scores of hundreds, of either sign, whose largest come late: references must move. */
  @ParameterizedTest
  @CsvSource({"1, 8", "-1, 8", "1, 60", "-1, 60"})
  void scoresMayBeFarApart(int sign, double size) {
    assumeTrue(Amx.used() && Amx.exact(), Amx::describe);
    int d = 40;
    int keys = 200;
    Rows q = Rows.random(37, d, d, size, 4);
    Rows k = Rows.random(keys, d, d, 0.2, 5);
    Rows v = Rows.random(keys, d, d, 1, 6);
    for (int key = 0; key < keys; key++) {
      for (int i = 0; i < d; i++) {
        // The later, the larger, along the first query.
        k.floats[key * d + i] += sign * q.floats[i] * key * 0.002f;
      }
    }
    float factor = (float) LOG2_E;
    float[] y = attend(q, 37, k, v, keys, 64, factor);
    for (int query = 0; query < 37; query++) {
      double[] exact = exact(q, query, k, v, keys, factor);
      for (int i = 0; i < d; i++) {
        // A score of 2¹² has an error of some 2⁻¹¹.
        assertEquals(exact[i], y[query * d + i], 5e-7 * size * size * 60, query + ", " + i);
      }
    }
  }

  /** A query's bits depend on its own numbers alone. */
  @Test
  void bitsDependOnNothingElse() {
    assumeTrue(Amx.used(), Amx::describe);
    int d = 40;
    int keys = 250;
    Rows q = Rows.random(70, d, d, 3, 7);
    Rows k = Rows.random(keys, d, d, 1, 8);
    Rows v = Rows.random(keys, d, d, 1, 9);
    float[] all = attend(q, 70, k, v, keys, 256, 1f);
    assertArrayEquals(all, attend(q, 70, k, v, keys, 32, 1f));
    assertArrayEquals(all, attend(q, 70, k, v, keys, 96, 1f));
    for (int query : new int[] {0, 15, 16, 33, 69}) {
      float[] one = Arrays.copyOfRange(q.floats, query * d, (query + 1) * d);
      float[] y = attend(new Rows(one, d, d), 1, k, v, keys, 128, 1f);
      assertArrayEquals(Arrays.copyOfRange(all, query * d, (query + 1) * d), y);
    }
  }

  /** A head that has served for another size knows nothing of it. */
  @Test
  void roomIsUsedAgain() {
    assumeTrue(Amx.used(), Amx::describe);
    int d = 40;
    Rows q = Rows.random(5, d, d, 1, 10);
    Rows k = Rows.random(40, d, d, 1, 11);
    Rows v = Rows.random(40, d, d, 1, 12);
    UnitHead head = new UnitHead(80, 64, 2);
    Rows other = Rows.random(64, 80, 80, 100, 13);
    MemorySegment memory = other.memory();
    head.start(0);
    head.keys(memory, 0, 320, memory, 0, 320, 64);
    head.attend(0, memory, 0, 320, 32, 1f);
    head.reserve(d, 40, 1);
    head.start(0);
    head.keys(k.memory(), 0, 4L * d, v.memory(), 0, 4L * d, 40);
    head.attend(0, q.memory(), 0, 4L * d, 5, 1f);
    MemorySegment y = HostBuffer.allocate(4L * 5 * d).segment();
    head.results(0, y, 0, 4L * d, 5);
    assertArrayEquals(attend(q, 5, k, v, 40, 64, 1f), y.toArray(ValueLayout.JAVA_FLOAT));
  }

  /** NaN and infinities reach what they belong to, and nothing else. */
  @ParameterizedTest
  @CsvSource({"NaN, 0x7FFFFFFF", "Infinity, 0x7F800000", "-Infinity, 0xFF800000"})
  void whatIsNotFiniteStaysWhereItIs(String name, String bits) {
    assumeTrue(Amx.used(), Amx::describe);
    float value = Float.intBitsToFloat(Integer.parseUnsignedInt(bits.substring(2), 16));
    int d = 24;
    int keys = 90;
    Rows k = Rows.random(keys, d, d, 1, 14);
    Rows v = Rows.random(keys, d, d, 1, 15);
    Rows q = Rows.random(20, d, d, 1, 16);
    q.floats[17 * d + 3] = value;
    v.floats[80 * d + 5] = value;
    float[] y = attend(q, 20, k, v, keys, 64, 1f);
    for (int i = 0; i < y.length; i++) {
      boolean hit = i / d == 17 || i % d == 5;
      assertEquals(hit, !Float.isFinite(y[i]), name + " at " + i);
    }
    k.floats[2 * d] = Float.NaN;
    for (float result : attend(q, 20, k, v, keys, 64, 1f)) {
      assertTrue(Float.isNaN(result));
    }
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    assumeTrue(Amx.used(), Amx::describe);
    assertTrue(UnitHead.fits(40));
    for (int d : new int[] {8, 20, 100, 520}) {
      assertFalse(UnitHead.fits(d));
      String message =
          assertThrows(IllegalArgumentException.class, () -> new UnitHead(d, 32, 1)).getMessage();
      assertTrue(message.contains("multiple of 8") && message.contains("" + d), message);
    }
    UnitHead head = new UnitHead(16, 32, 1);
    MemorySegment short_ = HostBuffer.allocate(4L * 16 * 32 - 4).segment();
    assertThrows(
        IndexOutOfBoundsException.class, () -> head.keys(short_, 0, 64, short_, 0, 64, 32));
    assertThrows(IllegalArgumentException.class, () -> head.keys(short_, 0, 64, short_, 0, 64, 33));
  }
}
