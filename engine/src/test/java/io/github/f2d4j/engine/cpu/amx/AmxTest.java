package io.github.f2d4j.engine.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.ForkedJvm;
import io.github.f2d4j.engine.cpu.simd.Lanes;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AmxTest {
  private static final int PITCH = 101;

  private static float[] values(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(-20, 20)));
    }
    return values;
  }

  /** Strips and two panels of ugly depth, in two stretches, against the twin, bit for bit. */
  @ParameterizedTest
  @CsvSource({
    "HIGHEST, 1, 1",
    "HIGHEST, 31, 2",
    "HIGHEST, 32, 3",
    "HIGHEST, 33, 4",
    "HIGHEST, 96, 1",
    "HIGHEST, 100, 5",
    "HIGH, 70, 2",
    "HIGH, 96, 5",
    "MEDIUM, 33, 1",
    "MEDIUM, 97, 6"
  })
  void tilesAreMultipliedAsDefined(Precision precision, int depth, int count) {
    assumeTrue(Amx.used(), Amx::describe);
    int all = count + 1;
    float[][] a = new float[all][];
    float[] b = panel(depth, 1);
    AmxTile tile = new AmxTile(precision);
    tile.reserve(all, 2, depth, all);
    for (int strip = 0; strip < all; strip++) {
      a[strip] = new float[Amx.ROWS * PITCH + Amx.DEPTH];
      for (int row = 0; row < Amx.ROWS; row++) {
        float[] x = values(depth, 100L * strip + row);
        System.arraycopy(x, 0, a[strip], row * PITCH, depth);
      }
      // In pieces, as blocks copy them.
      for (int k = 0; k < depth; k += Amx.DEPTH) {
        int length = Math.min(Amx.DEPTH, depth - k);
        float[] piece = Arrays.copyOfRange(padded(a[strip]), k, k + Amx.ROWS * PITCH);
        clearBehind(piece, length);
        tile.strip(strip, piece, PITCH, k, length, depth);
      }
    }
    tile.panel(0, panel(depth, 2), 0, depth, depth);
    tile.panel(1, b, 0, depth, depth);
    int size = Amx.ROWS * Amx.COLUMNS;
    float[] once = new float[count * size + 5];
    tile.multiply(1, count, 1, depth, 1, true);
    tile.read(size, count * size, once, 5);
    tile.multiply(1, count, 1, depth, 1, false);
    float[] twice = new float[count * size + 5];
    tile.read(size, count * size, twice, 5);
    for (int strip = 0; strip < count; strip++) {
      for (int row = 0; row < Amx.ROWS; row++) {
        float[] x = Arrays.copyOfRange(a[strip + 1], row * PITCH, row * PITCH + depth);
        for (int column = 0; column < Amx.COLUMNS; column++) {
          float[] y = column(b, column, 0, depth);
          int at = 5 + strip * size + row * Amx.COLUMNS + column;
          String where = strip + ", " + row + ", " + column;
          assertEquals(AmxTwin.sum(precision, x, y, 0f), once[at], where);
          assertEquals(AmxTwin.sum(precision, x, y, once[at]), twice[at], where);
        }
      }
    }
  }

  /** A panel, and zeros behind it. */
  private static float[] panel(int depth, long seed) {
    return Arrays.copyOf(values(depth * Amx.COLUMNS, seed), (depth + Amx.DEPTH) * Amx.COLUMNS);
  }

  private static float[] column(float[] panel, int column, int from, int depth) {
    float[] y = new float[depth];
    for (int k = 0; k < depth; k++) {
      y[k] = panel[(from + k) * Amx.COLUMNS + column];
    }
    return y;
  }

  /** A stretch of the second of two panels that were kept, added to sums that were put back. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void aStretchOfAKeptPanelIsMultipliedInPlace(Precision precision) {
    assumeTrue(Amx.used(), Amx::describe);
    int all = 110;
    int from = 32;
    int depth = 64;
    float[] b = panel(all, 3);
    long bytes = AmxTile.keptBytes(precision, all);
    MemorySegment memory = HostBuffer.allocate(2 * bytes).segment();
    for (int k = 0; k < all; k += Amx.DEPTH) {
      int length = Math.min(Amx.DEPTH, all - k);
      float[] chunk = Arrays.copyOfRange(b, k * Amx.COLUMNS, (k + Amx.DEPTH) * Amx.COLUMNS);
      AmxTile.keep(precision, chunk, k, length, all, memory, bytes);
    }
    AmxTile tile = new AmxTile(precision);
    tile.reserve(1, 1, depth, 2);
    float[] a = values(Amx.ROWS * depth, 4);
    tile.strip(0, a, depth, 0, depth, depth);
    float[] start = values(Amx.ROWS * Amx.COLUMNS, 5);
    tile.write(start, start.length, start.length);
    tile.multiplyKept(0, 1, memory, bytes, from, all, depth, 1, false);
    float[] sums = new float[start.length];
    tile.read(sums.length, sums.length, sums, 0);
    for (int row = 0; row < Amx.ROWS; row++) {
      float[] x = Arrays.copyOfRange(a, row * depth, (row + 1) * depth);
      for (int column = 0; column < Amx.COLUMNS; column++) {
        int at = row * Amx.COLUMNS + column;
        float[] y = column(b, column, from, depth);
        assertEquals(AmxTwin.sum(precision, x, y, start[at]), sums[at], row + ", " + column);
      }
    }
  }

  /** The second strip and 80 columns of two panels, to places with gaps. */
  @ParameterizedTest
  @CsvSource({"HIGHEST, 33", "HIGH, 64", "MEDIUM, 40"})
  void stripsAreMultipliedByGroupsOfColumns(Precision precision, int depth) {
    assumeTrue(Amx.used(), Amx::describe);
    int columns = 80;
    int pitch = 96;
    int at = 7;
    AmxTile tile = new AmxTile(precision);
    tile.reserve(2, 2, depth, 2);
    float[] a = Arrays.copyOf(values(Amx.ROWS * PITCH, 8), Amx.ROWS * PITCH + Amx.DEPTH);
    for (int row = 0; row < Amx.ROWS; row++) {
      int end = Math.ceilDiv(depth, Amx.DEPTH) * Amx.DEPTH;
      Arrays.fill(a, row * PITCH + depth, row * PITCH + end, 0f);
    }
    tile.strip(1, a, PITCH, 0, depth, depth);
    float[][] b = {panel(depth, 9), panel(depth, 10)};
    tile.panel(0, b[0], 0, depth, depth);
    tile.panel(1, b[1], 0, depth, depth);
    float[] before = values(2 * Amx.ROWS * Amx.COLUMNS, 11);
    tile.write(before, 0, before.length);
    float[] start = new float[before.length];
    tile.multiplyColumns(1, columns / 16, depth, at, pitch, true);
    tile.read(0, start.length, start, 0);
    float[] resumed = new float[before.length];
    tile.multiplyColumns(1, columns / 16, depth, at, pitch, false);
    tile.read(0, resumed.length, resumed, 0);
    for (int i = 0; i < before.length; i++) {
      int row = Math.floorDiv(i - at, pitch);
      int column = Math.floorMod(i - at, pitch);
      if (row < 0 || row >= Amx.ROWS || column >= columns) {
        assertEquals(before[i], resumed[i], "beside: " + i);
      } else {
        float[] x = Arrays.copyOfRange(a, row * PITCH, row * PITCH + depth);
        float[] y = column(b[column / Amx.COLUMNS], column % Amx.COLUMNS, 0, depth);
        assertEquals(AmxTwin.sum(precision, x, y, 0f), start[i], row + ", " + column);
        assertEquals(AmxTwin.sum(precision, x, y, start[i]), resumed[i], row + ", " + column);
      }
    }
  }

  @Test
  void aSumOfNothingIsZero() {
    assumeTrue(Amx.used(), Amx::describe);
    AmxTile tile = new AmxTile(Precision.HIGHEST);
    tile.reserve(1, 1, 0, 1);
    float[] sums = values(Amx.ROWS * Amx.COLUMNS, 6);
    tile.write(sums, 0, sums.length);
    tile.multiply(0, 1, 0, 0, 0, false);
    float[] same = new float[sums.length];
    tile.read(0, same.length, same, 0);
    assertArrayEquals(sums, same);
    tile.multiply(0, 1, 0, 0, 0, true);
    tile.read(0, same.length, same, 0);
    assertArrayEquals(new float[sums.length], same);
  }

  private static float[] padded(float[] a) {
    return Arrays.copyOf(a, a.length + PITCH);
  }

  private static void clearBehind(float[] piece, int length) {
    for (int row = 0; row < Amx.ROWS; row++) {
      int from = row * PITCH + length;
      Arrays.fill(piece, from, Math.min(piece.length, from + Amx.DEPTH - length), 0f);
    }
  }

  /** Three parts are the whole number, of any size but the smallest and the largest. */
  @Test
  void partsAddUpExactly() {
    assumeTrue(Lanes.BITS == 512, "parts are made by vectors of 512 bits");
    float[] x = values(32 * Amx.DEPTH, 3);
    float[] special = {0f, -0f, 1f, -1f, 0x1.fffffep0f, -0x1.01p0f, 0x1.008p0f, 1e-30f, 3.3e38f};
    System.arraycopy(special, 0, x, 0, special.length);
    int[] parts = new int[3 * 2 * 256];
    Parts.ofRows(3, x, Amx.DEPTH, 0, parts);
    for (int row = 0; row < 32; row++) {
      for (int k = 0; k < Amx.DEPTH; k++) {
        double sum = 0;
        for (int part = 0; part < 3; part++) {
          int pair = parts[part * 512 + row * 16 + k % 16];
          sum += Float.intBitsToFloat(k < 16 ? pair << 16 : pair & 0xFFFF0000);
        }
        assertEquals(x[row * Amx.DEPTH + k], sum, 0, "row " + row + ", k " + k);
      }
    }
  }

  /** What is left after one and after two parts is at most half of their last bit. */
  @ParameterizedTest
  @CsvSource({"1, 0x1p-8", "2, 0x1p-16"})
  void fewerPartsAreTheNearest(int count, double most) {
    assumeTrue(Lanes.BITS == 512, "parts are made by vectors of 512 bits");
    float[] b = values(16 * Amx.DEPTH, 7);
    int[] parts = new int[count * 256];
    Parts.ofColumns(count, b, 16, 0, parts);
    double largest = 0;
    for (int k = 0; k < Amx.DEPTH; k++) {
      for (int column = 0; column < 16; column++) {
        double sum = 0;
        for (int part = 0; part < count; part++) {
          int pair = parts[part * 256 + k % 16 * 16 + column];
          sum += Float.intBitsToFloat(k < 16 ? pair << 16 : pair & 0xFFFF0000);
        }
        float x = b[k * 16 + column];
        largest = Math.max(largest, Math.abs(sum - x) / Math.abs(x));
      }
    }
    assertTrue(largest <= most && largest > most / 8, "relative error " + largest);
  }

  @ParameterizedTest
  @CsvSource({
    "3, NaN",
    "3, Infinity",
    "3, -Infinity",
    "2, NaN",
    "2, Infinity",
    "2, -Infinity",
    "1, NaN"
  })
  void whatIsNotFiniteLeavesNan(int count, float value) {
    assumeTrue(Lanes.BITS == 512, "parts are made by vectors of 512 bits");
    float[] b = new float[Amx.DEPTH * 16];
    b[3 * 16 + 2] = value;
    b[19 * 16 + 5] = value;
    // NaN with all bits set, which rounding would carry into the sign.
    b[4 * 16 + 7] = Float.intBitsToFloat(0x7FFFFFFF);
    int[] parts = new int[count * 256];
    Parts.ofColumns(count, b, 16, 0, parts);
    int last = 256 * (count - 1);
    assertTrue(Float.isNaN(Float.intBitsToFloat(parts[last + 3 * 16 + 2] << 16)));
    assertTrue(Float.isNaN(Float.intBitsToFloat(parts[last + 3 * 16 + 5] & 0xFFFF0000)));
    assertTrue(Float.isNaN(Float.intBitsToFloat(parts[last + 4 * 16 + 7] << 16)));
    assertEquals(0, parts[last + 3 * 16 + 3]);
  }

  @Test
  void infinityIsAPartOfItsOwnIfThereIsOnlyOne() {
    assumeTrue(Lanes.BITS == 512, "parts are made by vectors of 512 bits");
    float[] b = new float[Amx.DEPTH * 16];
    b[3 * 16 + 2] = Float.NEGATIVE_INFINITY;
    int[] parts = new int[256];
    Parts.ofColumns(1, b, 16, 0, parts);
    assertEquals(Float.NEGATIVE_INFINITY, Float.intBitsToFloat(parts[3 * 16 + 2] << 16));
  }

  @Test
  void anotherPrecisionIsRefused() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Precision.of("tf32")).getMessage();
    assertTrue(
        message.contains("f2d4j.cpu.precision is \"tf32\"; expected highest, high or medium"),
        message);
    assertEquals(Precision.HIGHEST, Precision.of(null));
    assertEquals(Precision.MEDIUM, Precision.of(" Medium "));
  }

  @Test
  void aLowerPrecisionIsTold() throws Exception {
    assumeTrue(Amx.used(), Amx::describe);
    String out = probe("-Df2d4j.cpu.precision=high", "--enable-native-access=ALL-UNNAMED");
    assertTrue(out.contains("true AMX with high precision"), out);
  }

  @Test
  void itCanBeForbidden() throws Exception {
    String out = probe("-Df2d4j.amx=off", "--enable-native-access=ALL-UNNAMED");
    assertTrue(out.contains("false no AMX (-Df2d4j.amx=off)"), out);
  }

  @Test
  void withoutNativeAccessItIsNotTouched() throws Exception {
    String out = probe("-Df2d4j.amx=auto");
    assertTrue(out.contains("false no AMX ("), out);
    // The remedy is told where the machine has the unit, and there alone.
    boolean wanted = Amx.obstacle("auto").isEmpty();
    assertEquals(wanted, out.contains("start java with --enable-native-access=ALL-UNNAMED"), out);
    assertFalse(out.contains("INFO"), out);
    assertFalse(out.contains("WARNING: A restricted method"), out);
  }

  @Test
  void narrowerVectorsDoWithoutIt() throws Exception {
    String out = probe("-Df2d4j.lanes=256", "--enable-native-access=ALL-UNNAMED");
    assertTrue(out.contains("false no AMX (only "), out);
  }

  @Test
  void anotherWordIsRefused() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Amx.obstacle("on")).getMessage();
    assertTrue(message.contains("f2d4j.amx is \"on\"; expected auto or off"), message);
  }

  private static String probe(String... flags) throws Exception {
    List<String> modules = new ArrayList<>(List.of(Lanes.FLAG.split(" ")));
    return ForkedJvm.run(Probe.class, modules, List.of(flags));
  }

  /** Prints what {@link Amx} decided. */
  static final class Probe {
    public static void main(String[] args) {
      System.out.println(Amx.used() + " " + Amx.describe());
    }
  }
}
