package io.github.f2d4j.engine.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.cpu.ForkedJvm;
import io.github.f2d4j.engine.cpu.simd.Lanes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** Strips and a panel of ugly depth, in two stretches, against the twin, bit for bit. */
  @ParameterizedTest
  @CsvSource({"1, 1", "31, 2", "32, 3", "33, 4", "96, 1", "100, 4"})
  void tilesAreMultipliedAsDefined(int depth, int count) {
    assumeTrue(Amx.used(), Amx::describe);
    int all = count + 1;
    float[][] a = new float[all][];
    float[] b = new float[(depth + Amx.DEPTH) * Amx.COLUMNS];
    System.arraycopy(values(depth * Amx.COLUMNS, 1), 0, b, 0, depth * Amx.COLUMNS);
    AmxTile tile = new AmxTile();
    tile.reserve(all, depth);
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
    tile.panel(b, 0, depth, depth);
    int size = Amx.ROWS * Amx.COLUMNS;
    float[] once = new float[count * size + 5];
    tile.multiply(1, count, depth, once, 5, true);
    float[] twice = Arrays.copyOf(once, once.length);
    tile.multiply(1, count, depth, twice, 5, false);
    for (int strip = 0; strip < count; strip++) {
      for (int row = 0; row < Amx.ROWS; row++) {
        float[] x = Arrays.copyOfRange(a[strip + 1], row * PITCH, row * PITCH + depth);
        for (int column = 0; column < Amx.COLUMNS; column++) {
          float[] y = new float[depth];
          for (int k = 0; k < depth; k++) {
            y[k] = b[k * Amx.COLUMNS + column];
          }
          int at = 5 + strip * size + row * Amx.COLUMNS + column;
          String where = strip + ", " + row + ", " + column;
          assertEquals(AmxTwin.sum(x, y, 0f), once[at], where);
          assertEquals(AmxTwin.sum(x, y, once[at]), twice[at], where);
        }
      }
    }
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
    Parts.ofRows(x, Amx.DEPTH, 0, parts);
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

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void whatIsNotFiniteLeavesNan(float value) {
    assumeTrue(Lanes.BITS == 512, "parts are made by vectors of 512 bits");
    float[] b = new float[Amx.DEPTH * 16];
    b[3 * 16 + 2] = value;
    b[19 * 16 + 5] = value;
    // NaN with all bits set, which rounding would carry into the sign.
    b[4 * 16 + 7] = Float.intBitsToFloat(0x7FFFFFFF);
    int[] parts = new int[3 * 256];
    Parts.ofColumns(b, 16, 0, parts);
    assertTrue(Float.isNaN(Float.intBitsToFloat(parts[512 + 3 * 16 + 2] << 16)));
    assertTrue(Float.isNaN(Float.intBitsToFloat(parts[512 + 3 * 16 + 5] & 0xFFFF0000)));
    assertTrue(Float.isNaN(Float.intBitsToFloat(parts[512 + 4 * 16 + 7] << 16)));
    assertEquals(0, parts[512 + 3 * 16 + 3]);
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
