package io.github.f2d4j.engine.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products of digits on the matrix unit. */
class DigitTileTest {
  private static final int SUMS = Amx.ROWS * Amx.COLUMNS;

  private static float[] values(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(-12, 3)));
    }
    return values;
  }

  private static int padded(int depth) {
    return Math.ceilDiv(depth, DigitTile.DEPTH) * DigitTile.DEPTH;
  }

  /** Rows of {@code depth}, {@code padded(depth) + 16} apart, each of another size. */
  private static float[] strip(int depth, long seed) {
    int pitch = padded(depth) + 16;
    float[] strip = new float[Amx.ROWS * pitch];
    for (int row = 0; row < Amx.ROWS; row++) {
      float[] x = values(depth, seed + row);
      for (int k = 0; k < depth; k++) {
        strip[row * pitch + k] = Math.scalb(x[k], 3 * row - 50);
      }
    }
    return strip;
  }

  private static float[] row(float[] strip, int row, int depth) {
    int from = row * (padded(depth) + 16);
    return Arrays.copyOfRange(strip, from, from + depth);
  }

  private static float[] panel(int depth, long seed) {
    return Arrays.copyOf(values(depth * Amx.COLUMNS, seed), padded(depth) * Amx.COLUMNS);
  }

  private static float[] column(float[] panel, int column, int from, int depth) {
    float[] y = new float[depth];
    for (int k = 0; k < depth; k++) {
      y[k] = panel[(from + k) * Amx.COLUMNS + column];
    }
    return y;
  }

  private static int weights(Precision precision) {
    return precision == Precision.HIGHEST ? 4 : 3;
  }

  /** Strips and a panel of ugly depth, in two stretches, against the twin, bit for bit. */
  @ParameterizedTest
  @CsvSource({
    "HIGHEST, 1, 1",
    "HIGHEST, 63, 2",
    "HIGHEST, 64, 3",
    "HIGHEST, 65, 4",
    "HIGHEST, 200, 5",
    "HIGH, 70, 2",
    "HIGH, 128, 5"
  })
  void tilesAreMultipliedAsDefined(Precision precision, int depth, int count) {
    assumeTrue(Amx.used(), Amx::describe);
    int all = count + 1;
    float[][] a = new float[all][];
    DigitTile tile = new DigitTile(precision);
    tile.reserve(all, depth, all);
    for (int strip = 0; strip < all; strip++) {
      a[strip] = strip(depth, 100L * strip);
      tile.strip(strip, a[strip], padded(depth) + 16, depth);
    }
    float[] b = panel(depth, 1);
    tile.panel(panel(depth, 2), depth);
    tile.panel(b, depth);
    float[] once = new float[all * SUMS];
    tile.multiply(1, count, tile.panel(), depth, 1, true);
    tile.read(SUMS, count * SUMS, once, SUMS);
    float[] twice = new float[all * SUMS];
    tile.multiply(1, count, tile.panel(), depth, 1, false);
    tile.read(SUMS, count * SUMS, twice, SUMS);
    for (int strip = 1; strip < all; strip++) {
      for (int row = 0; row < Amx.ROWS; row++) {
        float[] x = row(a[strip], row, depth);
        for (int column = 0; column < Amx.COLUMNS; column++) {
          float[] y = column(b, column, 0, depth);
          int at = strip * SUMS + row * Amx.COLUMNS + column;
          String where = strip + ", " + row + ", " + column;
          int weights = weights(precision);
          assertEquals(DigitTwin.sum(weights, x, y, 0, depth, null), once[at], where);
          assertEquals(DigitTwin.sum(weights, x, y, 0, depth, once[at]), twice[at], where);
        }
      }
    }
  }

  /** A panel off the heap is the panel that is copied. */
  @ParameterizedTest
  @ValueSource(ints = {1, 64, 100, 256})
  void panelsAreTakenOffTheHeap(int depth) {
    assumeTrue(Amx.used(), Amx::describe);
    float[] b = panel(depth, 21);
    MemorySegment floats = HostBuffer.allocate(4L * b.length).segment();
    MemorySegment.copy(b, 0, floats, ValueLayout.JAVA_FLOAT, 0, b.length);
    DigitTile tile = new DigitTile(Precision.HIGHEST);
    tile.reserve(1, depth, 2);
    tile.strip(0, strip(depth, 22), padded(depth) + 16, depth);
    tile.panel(b, depth);
    tile.multiply(0, 1, tile.panel(), depth, 0, true);
    tile.panel(panel(depth, 23), depth);
    tile.panel(floats, depth);
    tile.multiply(0, 1, tile.panel(), depth, 1, true);
    float[] sums = new float[2 * SUMS];
    tile.read(0, 2 * SUMS, sums, 0);
    assertArrayEquals(Arrays.copyOf(sums, SUMS), Arrays.copyOfRange(sums, SUMS, 2 * SUMS));
  }

  /** Both stretches of a panel that was kept behind another. */
  @ParameterizedTest
  @EnumSource(value = Precision.class, names = "MEDIUM", mode = EnumSource.Mode.EXCLUDE)
  void aStretchOfAKeptPanelIsMultipliedInPlace(Precision precision) {
    assumeTrue(Amx.used(), Amx::describe);
    int all = 170;
    int stretch = 128;
    float[] b = panel(all, 3);
    MemorySegment floats = HostBuffer.allocate(4L * b.length).segment();
    MemorySegment.copy(b, 0, floats, ValueLayout.JAVA_FLOAT, 0, b.length);
    long bytes = DigitTile.panelBytes(all);
    MemorySegment memory = HostBuffer.allocate(2 * bytes).segment();
    DigitTile.keep(floats, all, stretch, memory, bytes);
    DigitTile tile = new DigitTile(precision);
    tile.reserve(1, stretch, 1);
    for (int from = 0; from < all; from += stretch) {
      int depth = Math.min(stretch, all - from);
      float[] a = strip(depth, 4);
      tile.strip(0, a, padded(depth) + 16, depth);
      float[] sums = new float[SUMS];
      DigitTile.Panel kept = DigitTile.kept(memory, bytes, from, depth, all);
      tile.multiply(0, 1, kept, depth, 0, true);
      tile.read(0, SUMS, sums, 0);
      for (int row = 0; row < Amx.ROWS; row++) {
        float[] x = row(a, row, depth);
        for (int column = 0; column < Amx.COLUMNS; column++) {
          float[] y = column(b, column, from, depth);
          assertEquals(
              DigitTwin.sum(weights(precision), x, y, 0, depth, null),
              sums[row * Amx.COLUMNS + column],
              from + ", " + row + ", " + column);
        }
      }
    }
  }

  /** Two strips of rows where they lie, the second not full, to memory with gaps. */
  @ParameterizedTest
  @CsvSource({"HIGHEST, 64, 39", "HIGHEST, 192, 52", "HIGH, 128, 48"})
  void rowsAreTakenWhereTheyLie(Precision precision, int depth, int count) {
    assumeTrue(Amx.used(), Amx::describe);
    int pitch = depth + 3;
    float[] a = values(count * pitch, 12);
    MemorySegment matrix = HostBuffer.allocate(4L * a.length).segment();
    MemorySegment.copy(a, 0, matrix, ValueLayout.JAVA_FLOAT, 0, a.length);
    DigitTile tile = new DigitTile(precision);
    tile.reserve(2, depth, 1);
    tile.strip(0, strip(depth, 5), depth + 16, depth);
    tile.strip(1, strip(depth, 6), depth + 16, depth);
    tile.strip(0, matrix, 0, 4L * pitch, Amx.ROWS, depth);
    tile.strip(1, matrix, 4L * Amx.ROWS * pitch, 4L * pitch, count - Amx.ROWS, depth);
    float[] b = panel(depth, 13);
    tile.panel(b, depth);
    int outPitch = 70;
    int columns = Amx.COLUMNS;
    MemorySegment out = HostBuffer.allocate(4L * 2 * Amx.ROWS * outPitch).segment();
    out.fill((byte) 0x40);
    float before = out.get(ValueLayout.JAVA_FLOAT, 0);
    tile.multiply(0, 2, tile.panel(), depth, out, 0, 4L * outPitch, true);
    for (int row = 0; row < 2 * Amx.ROWS; row++) {
      float[] x =
          row < count ? Arrays.copyOfRange(a, row * pitch, row * pitch + depth) : new float[depth];
      for (int column = 0; column < outPitch; column++) {
        float actual = out.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * outPitch + column);
        float expected =
            column < columns
                ? DigitTwin.sum(weights(precision), x, column(b, column, 0, depth), 0, depth, null)
                : before;
        assertEquals(expected, actual, row + ", " + column);
      }
    }
  }

  @Test
  void aSumOfNothingIsZero() {
    assumeTrue(Amx.used(), Amx::describe);
    DigitTile tile = new DigitTile(Precision.HIGHEST);
    tile.reserve(1, 64, 1);
    tile.strip(0, strip(64, 1), 80, 64);
    tile.panel(panel(64, 2), 64);
    tile.multiply(0, 1, tile.panel(), 64, 0, true);
    float[] sums = new float[SUMS];
    tile.read(0, SUMS, sums, 0);
    tile.multiply(0, 1, tile.panel(), 0, 0, false);
    float[] same = new float[SUMS];
    tile.read(0, SUMS, same, 0);
    assertArrayEquals(sums, same);
    tile.multiply(0, 1, tile.panel(), 0, 0, true);
    tile.read(0, SUMS, same, 0);
    assertArrayEquals(new float[SUMS], same);
  }

  /** What is not finite makes its row or column NaN and nothing else. */
  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void whatIsNotFiniteMakesNan(float value) {
    assumeTrue(Amx.used(), Amx::describe);
    DigitTile tile = new DigitTile(Precision.HIGHEST);
    tile.reserve(1, 64, 1);
    float[] a = strip(64, 1);
    a[20 * 80 + 5] = value;
    float[] b = panel(64, 2);
    b[7 * Amx.COLUMNS + 33] = value;
    tile.panel(b, 64);
    MemorySegment matrix = HostBuffer.allocate(4L * a.length).segment();
    MemorySegment.copy(a, 0, matrix, ValueLayout.JAVA_FLOAT, 0, a.length);
    for (boolean copied : new boolean[] {false, true}) {
      if (copied) {
        tile.strip(0, a, 80, 64);
      } else {
        tile.strip(0, matrix, 0, 4 * 80, Amx.ROWS, 64);
      }
      tile.multiply(0, 1, tile.panel(), 64, 0, true);
      float[] sums = new float[SUMS];
      tile.read(0, SUMS, sums, 0);
      for (int i = 0; i < SUMS; i++) {
        boolean hit = i / Amx.COLUMNS == 20 || i % Amx.COLUMNS == 33;
        assertEquals(hit, Float.isNaN(sums[i]), "sum " + i);
      }
    }
  }

  /** The digits of rows and of columns against the twin's, at sizes where exponents turn. */
  @Test
  void digitsAreThoseOfTheNearestWholeNumber() {
    assumeTrue(Amx.used(), Amx::describe);
    float[] x = values(Digits.DEPTH, 3);
    for (float largest :
        new float[] {
          0f,
          1f,
          -1f,
          0x1.fdfdfcp0f, // The largest that is not taken to the next exponent, and its neighbour.
          0x1.fdfdfep0f,
          0x1.fffffep0f,
          0x1.fffffep127f,
          0x1p-104f,
          0x1p-120f,
          Float.MIN_VALUE
        }) {
      float[] row = new float[Digits.DEPTH];
      for (int k = 0; k < row.length; k++) {
        row[k] = x[k] / 64 * largest;
      }
      row[17] = largest;
      float[] columns = new float[Digits.DEPTH * Amx.COLUMNS];
      for (int k = 0; k < row.length; k++) {
        columns[k * Amx.COLUMNS + 19] = row[k];
      }
      int[] ofColumns = ofColumns(columns);
      int[] ofRow = ofThirdRow(row);
      int shift = DigitTwin.shift(row, 0, row.length);
      if (largest != 0) {
        int scales = Digits.ROWS_STEP / Integer.BYTES;
        double scale = Math.scalb(1.0, -shift);
        assertEquals(scale, Float.intBitsToFloat(ofRow[scales + 2]), 0, "of " + largest);
        assertEquals(scale, Float.intBitsToFloat(ofColumns[scales + 3]), 0, "of " + largest);
      }
      for (int k = 0; k < row.length; k++) {
        int[] expected = DigitTwin.digits(row[k], shift);
        for (int digit = 0; digit < Digits.COUNT; digit++) {
          int place = digit * Tiles.INTS;
          String where = "digit " + digit + " of " + row[k] + " beside " + largest;
          assertEquals(expected[digit], at(ofRow[place + 32 + k % 16], k / 16), where);
          assertEquals(expected[digit], at(ofColumns[place + k % 16 * 16 + 3], k / 16), where);
        }
      }
    }
  }

  /** A step of 16 rows, of which only the third is made. */
  private static int[] ofThirdRow(float[] row) {
    MemorySegment digits = HostBuffer.allocate(Digits.COLUMNS_STEP).segment();
    DigitTile.split(memory(row).address(), 0, 2, 1, row.length, digits.address());
    return digits.toArray(ValueLayout.JAVA_INT);
  }

  /** A step of the second 16 columns. */
  private static int[] ofColumns(float[] columns) {
    MemorySegment panel = HostBuffer.allocate(DigitTile.panelBytes(Digits.DEPTH)).segment();
    DigitTile.keep(memory(columns), Digits.DEPTH, Digits.DEPTH, panel, 0);
    return panel.asSlice(Digits.COLUMNS_STEP, Digits.COLUMNS_STEP).toArray(ValueLayout.JAVA_INT);
  }

  private static MemorySegment memory(float[] floats) {
    MemorySegment memory = HostBuffer.allocate(4L * floats.length).segment();
    MemorySegment.copy(floats, 0, memory, ValueLayout.JAVA_FLOAT, 0, floats.length);
    return memory;
  }

  private static int at(int digits, int index) {
    return (byte) (digits >> (8 * index));
  }

  /** Sums of numbers of one size are as exact as float32's, those beside a larger one less so. */
  @ParameterizedTest
  @CsvSource({
    "HIGHEST, 1, 0, 4e-7",
    "HIGHEST, 100, 0, 1e-6",
    "HIGHEST, 1, 2, 4e-6",
    "HIGH, 1, 0, 8e-7",
    "HIGH, 100, 0, 4e-6",
    "HIGH, 1, 2, 4e-5"
  })
  void errorsAreBounded(Precision precision, float outlier, double spread, double most) {
    assumeTrue(Amx.used(), Amx::describe);
    int depth = 320;
    Random random = new Random(1);
    float[] a = new float[Amx.ROWS * 336];
    float[] b = new float[depth * Amx.COLUMNS];
    for (int i = 0; i < a.length; i++) {
      a[i] = i % 336 < depth ? drawn(random, spread) : 0f;
    }
    for (int i = 0; i < b.length; i++) {
      b[i] = drawn(random, spread);
    }
    for (int row = 0; row < Amx.ROWS; row++) {
      for (int k = 5; k < depth; k += 37) {
        a[row * 336 + k] *= outlier;
      }
    }
    DigitTile tile = new DigitTile(precision);
    tile.reserve(1, depth, 1);
    tile.strip(0, a, 336, depth);
    tile.panel(b, depth);
    tile.multiply(0, 1, tile.panel(), depth, 0, true);
    float[] sums = new float[SUMS];
    tile.read(0, SUMS, sums, 0);
    double errors = 0;
    double norm = 0;
    for (int row = 0; row < Amx.ROWS; row++) {
      for (int column = 0; column < Amx.COLUMNS; column++) {
        double exact = 0;
        for (int k = 0; k < depth; k++) {
          exact += (double) a[row * 336 + k] * b[k * Amx.COLUMNS + column];
        }
        double error = sums[row * Amx.COLUMNS + column] - exact;
        errors += error * error;
        norm += exact * exact;
      }
    }
    double relative = Math.sqrt(errors / norm);
    assertTrue(relative < most, "relative error " + relative);
  }

  /** Normal, of sizes that are log-normal with this deviation. */
  private static float drawn(Random random, double spread) {
    double value = random.nextGaussian();
    return (float) (spread == 0 ? value : value * Math.exp(spread * random.nextGaussian()));
  }

  @Test
  void digitsHaveNoMediumPrecision() {
    assumeTrue(Amx.used(), Amx::describe);
    assertThrows(IllegalArgumentException.class, () -> new DigitTile(Precision.MEDIUM));
  }
}
