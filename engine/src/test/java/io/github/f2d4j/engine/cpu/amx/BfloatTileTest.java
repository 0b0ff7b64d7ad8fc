package io.github.f2d4j.engine.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.simd.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products in bfloat16 on the matrix unit. */
class BfloatTileTest {
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
  @CsvSource({"1, 1", "31, 2", "32, 3", "33, 4", "96, 1", "100, 5", "97, 6"})
  void tilesAreMultipliedAsDefined(int depth, int count) {
    assumeTrue(Amx.used(), Amx::describe);
    int all = count + 1;
    float[][] a = new float[all][];
    float[] b = panel(depth, 1);
    BfloatTile tile = new BfloatTile();
    tile.reserve(all, 2, depth, all);
    for (int strip = 0; strip < all; strip++) {
      a[strip] = new float[Amx.ROWS * PITCH + Bfloats.DEPTH];
      for (int row = 0; row < Amx.ROWS; row++) {
        float[] x = values(depth, 100L * strip + row);
        System.arraycopy(x, 0, a[strip], row * PITCH, depth);
      }
      // In pieces, as blocks copy them.
      for (int k = 0; k < depth; k += Bfloats.DEPTH) {
        int length = Math.min(Bfloats.DEPTH, depth - k);
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
          assertEquals(BfloatTwin.sum(x, y, 0f), once[at], where);
          assertEquals(BfloatTwin.sum(x, y, once[at]), twice[at], where);
        }
      }
    }
  }

  /** A panel, and zeros behind it. */
  private static float[] panel(int depth, long seed) {
    return Arrays.copyOf(values(depth * Amx.COLUMNS, seed), (depth + Bfloats.DEPTH) * Amx.COLUMNS);
  }

  private static float[] column(float[] panel, int column, int from, int depth) {
    float[] y = new float[depth];
    for (int k = 0; k < depth; k++) {
      y[k] = panel[(from + k) * Amx.COLUMNS + column];
    }
    return y;
  }

  /** A stretch of the second of two panels that were kept, added to the sums of another. */
  @Test
  void aStretchOfAKeptPanelIsMultipliedInPlace() {
    assumeTrue(Amx.used(), Amx::describe);
    int all = 110;
    int from = 32;
    int depth = 64;
    float[] b = panel(all, 3);
    long bytes = BfloatTile.keptBytes(all);
    MemorySegment memory = HostBuffer.allocate(2 * bytes).segment();
    for (int k = 0; k < all; k += Bfloats.DEPTH) {
      int length = Math.min(Bfloats.DEPTH, all - k);
      float[] chunk = Arrays.copyOfRange(b, k * Amx.COLUMNS, (k + Bfloats.DEPTH) * Amx.COLUMNS);
      BfloatTile.keep(chunk, k, length, all, memory, bytes);
    }
    BfloatTile tile = new BfloatTile();
    tile.reserve(1, 1, depth, 2);
    float[] a = values(Amx.ROWS * depth, 4);
    tile.strip(0, a, depth, 0, depth, depth);
    float[] start = new float[Amx.ROWS * Amx.COLUMNS];
    tile.multiplyKept(0, 1, memory, bytes, 0, all, depth, 1, true);
    tile.read(start.length, start.length, start, 0);
    tile.multiplyKept(0, 1, memory, bytes, from, all, depth, 1, false);
    float[] sums = new float[start.length];
    tile.read(sums.length, sums.length, sums, 0);
    for (int row = 0; row < Amx.ROWS; row++) {
      float[] x = Arrays.copyOfRange(a, row * depth, (row + 1) * depth);
      for (int column = 0; column < Amx.COLUMNS; column++) {
        int at = row * Amx.COLUMNS + column;
        float[] y = column(b, column, from, depth);
        assertEquals(BfloatTwin.sum(x, y, start[at]), sums[at], row + ", " + column);
      }
    }
  }

  @Test
  void aSumOfNothingIsZero() {
    assumeTrue(Amx.used(), Amx::describe);
    BfloatTile tile = new BfloatTile();
    int depth = Bfloats.DEPTH;
    tile.reserve(1, 1, depth, 1);
    tile.strip(0, values(Amx.ROWS * depth, 6), depth, 0, depth, depth);
    tile.panel(0, panel(depth, 7), 0, depth, depth);
    tile.multiply(0, 1, 0, depth, 0, true);
    float[] sums = new float[Amx.ROWS * Amx.COLUMNS];
    tile.read(0, sums.length, sums, 0);
    tile.multiply(0, 1, 0, 0, 0, false);
    float[] same = new float[sums.length];
    tile.read(0, same.length, same, 0);
    assertArrayEquals(sums, same);
    tile.multiply(0, 1, 0, 0, 0, true);
    tile.read(0, same.length, same, 0);
    assertArrayEquals(new float[sums.length], same);
  }

  /** Machine code rounds rows to the bits of the vectors in Java. */
  @Test
  void rowsAreRoundedToTheSameBits() {
    assumeTrue(Amx.used(), Amx::describe);
    float[] x = values(Amx.ROWS * Bfloats.DEPTH, 8);
    x[3] = Float.NaN;
    x[20] = Float.intBitsToFloat(0x7FFFFFFF);
    x[40] = Float.NEGATIVE_INFINITY;
    x[41] = Float.intBitsToFloat(0x3F808000);
    x[42] = Float.MIN_VALUE;
    int[] expected = new int[x.length / 2];
    Bfloats.ofRows(x, Bfloats.DEPTH, 0, expected);
    MemorySegment floats = HostBuffer.allocate(4L * x.length + 64).segment();
    MemorySegment.copy(x, 0, floats, ValueLayout.JAVA_FLOAT, 64, x.length);
    MemorySegment rounded = HostBuffer.allocate(2L * x.length + 128).segment();
    BfloatTile.round(floats, 64, x.length, rounded, 128);
    int[] actual = rounded.asSlice(128).toArray(ValueLayout.JAVA_INT);
    assertArrayEquals(expected, actual);
    assertThrows(
        IndexOutOfBoundsException.class, () -> BfloatTile.round(floats, 128, x.length, rounded, 0));
  }

  /** Windows where they lie give the sums of strips that were copied, in two stretches. */
  @ParameterizedTest
  @CsvSource({"1, 1", "3, 2", "5, 1"})
  void windowsAreMultipliedWhereTheyLie(int count, int stride) {
    assumeTrue(Amx.used(), Amx::describe);
    int channels = 2 * Bfloats.DEPTH;
    int taps = 3;
    int width = (Amx.ROWS - 1) * stride + taps;
    int depth = taps * channels;
    float[] image = values((count + 1) * width * channels, 9);
    MemorySegment floats = HostBuffer.allocate(4L * image.length).segment();
    MemorySegment.copy(image, 0, floats, ValueLayout.JAVA_FLOAT, 0, image.length);
    MemorySegment rounded = HostBuffer.allocate(2L * image.length).segment();
    BfloatTile.round(floats, 0, image.length, rounded, 0);
    // Two steps of 32 channels for each tap.
    MemorySegment steps = HostBuffer.allocate(2L * taps * Long.BYTES).segment();
    for (int step = 0; step < 2 * taps; step++) {
      steps.setAtIndex(ValueLayout.JAVA_LONG, step, (long) step * Tiles.ROW);
    }
    BfloatTile.Windows windows =
        new BfloatTile.Windows(rounded, 2L * stride * channels, steps, 2L * depth);
    MemorySegment kept = HostBuffer.allocate(BfloatTile.keptBytes(depth)).segment();
    BfloatTile.keep(panel(depth, 10), 0, depth, depth, kept, 0);
    BfloatTile placed = new BfloatTile();
    BfloatTile copied = new BfloatTile();
    placed.reserve(count + 1, 1, depth, count);
    copied.reserve(count + 1, 1, depth, count);
    int size = Amx.ROWS * Amx.COLUMNS;
    int half = depth / 2;
    for (int k = 0; k < depth; k += half) {
      for (int strip = 1; strip <= count; strip++) {
        long first = 2L * strip * width * channels;
        for (int band = 0; band < 2; band++) {
          long row = first + 2L * band * Tiles.SIDE * stride * channels;
          placed.windows(windows, strip, band, row, k);
        }
        long from = 2 * first + 4L * k;
        copied.strip(strip, floats, from, 4L * stride * channels, Amx.ROWS, half);
      }
      placed.multiplyKept(1, count, kept, 0, k, depth, half, 0, k == 0);
      copied.multiplyKept(1, count, kept, 0, k, depth, half, 0, k == 0);
    }
    float[] expected = new float[count * size];
    copied.read(0, expected.length, expected, 0);
    float[] actual = new float[expected.length];
    placed.read(0, actual.length, actual, 0);
    assertArrayEquals(expected, actual);
    long behind = 2L * image.length - 2L * depth;
    assertThrows(IndexOutOfBoundsException.class, () -> placed.windows(windows, 0, 1, behind, 0));
  }

  private static float[] padded(float[] a) {
    return Arrays.copyOf(a, a.length + PITCH);
  }

  private static void clearBehind(float[] piece, int length) {
    for (int row = 0; row < Amx.ROWS; row++) {
      int from = row * PITCH + length;
      Arrays.fill(piece, from, Math.min(piece.length, from + Bfloats.DEPTH - length), 0f);
    }
  }

  /** What rounding leaves is at most half of the last bit. */
  @Test
  void numbersAreRoundedToTheNearest() {
    assumeTrue(Lanes.BITS == 512, "made by vectors of 512 bits");
    float[] b = values(16 * Bfloats.DEPTH, 7);
    int[] rounded = new int[Tiles.INTS];
    Bfloats.ofColumns(b, 16, 0, rounded);
    for (int k = 0; k < Bfloats.DEPTH; k++) {
      for (int column = 0; column < 16; column++) {
        int pair = rounded[k % 16 * 16 + column];
        float actual = Float.intBitsToFloat(k < 16 ? pair << 16 : pair & 0xFFFF0000);
        assertEquals(BfloatTwin.nearest(b[k * 16 + column]), actual, k + ", " + column);
      }
    }
  }

  @Test
  void whatIsNotFiniteStaysSo() {
    assumeTrue(Lanes.BITS == 512, "made by vectors of 512 bits");
    float[] b = new float[Bfloats.DEPTH * 16];
    b[3 * 16 + 2] = Float.NaN;
    b[19 * 16 + 5] = Float.NEGATIVE_INFINITY;
    // NaN with all bits set, which rounding would carry into the sign.
    b[4 * 16 + 7] = Float.intBitsToFloat(0x7FFFFFFF);
    int[] rounded = new int[Tiles.INTS];
    Bfloats.ofColumns(b, 16, 0, rounded);
    assertTrue(Float.isNaN(Float.intBitsToFloat(rounded[3 * 16 + 2] << 16)));
    assertEquals(Float.NEGATIVE_INFINITY, Float.intBitsToFloat(rounded[3 * 16 + 5] & 0xFFFF0000));
    assertTrue(Float.isNaN(Float.intBitsToFloat(rounded[4 * 16 + 7] << 16)));
    assertEquals(0, rounded[3 * 16 + 3]);
  }
}
