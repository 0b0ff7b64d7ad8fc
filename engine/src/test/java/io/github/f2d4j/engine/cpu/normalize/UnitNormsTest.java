package io.github.f2d4j.engine.cpu.normalize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.UnitNorms;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Group normalisation's passes in machine code against the scalar ones, bit for bit. */
class UnitNormsTest {
  private static float[] values(int count, double size, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * size);
    }
    return values;
  }

  private static MemorySegment memory(float[] values) {
    MemorySegment memory = HostBuffer.allocate(4L * values.length).segment();
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
    return memory;
  }

  private static float[] floats(MemorySegment memory) {
    return memory.toArray(ValueLayout.JAVA_FLOAT);
  }

  @ParameterizedTest
  @CsvSource({"1, 16, 16", "3, 48, 50", "4, 16, 16", "8, 320, 640", "11, 32, 40"})
  void meansAreTheSameBits(int rows, int channels, int apart) {
    assumeTrue(Amx.used(), Amx::describe);
    MemorySegment x = memory(values((rows + 1) * apart, 2, 3));
    MemorySegment mean = memory(values(2 * channels, 1, 4));
    UnitNorms.mean(x, 4L * apart, 4L * apart, mean, 4L * channels, rows, channels);
    MemorySegment sums = memory(new float[channels]);
    new ScalarRows().addRows(x, 4L * apart, 4L * apart, rows, sums, 0, channels);
    float[] expected = values(2 * channels, 1, 4);
    for (int i = 0; i < channels; i++) {
      expected[channels + i] = floats(sums)[i] * (1f / rows);
    }
    assertArrayEquals(expected, floats(mean));
  }

  @ParameterizedTest
  @CsvSource({"1, 16", "3, 48", "4, 16", "8, 320", "11, 32"})
  void momentsAreTheSameBits(int rows, int channels) {
    assumeTrue(Amx.used(), Amx::describe);
    float[] x = values((rows + 1) * channels, 2, 1);
    float[] scratch = values(4 * channels, 1, 2);
    MemorySegment memory = memory(scratch);
    long row = 4L * channels;
    UnitNorms.addMoments(memory(x), row, memory, 0, row, rows, channels);
    float[] part = Arrays.copyOfRange(x, channels, x.length);
    float[] shift = Arrays.copyOf(scratch, channels);
    float[] sums = Arrays.copyOfRange(scratch, channels, 3 * channels);
    new ScalarNorms().addMoments(part, rows, channels, shift, sums);
    System.arraycopy(sums, 0, scratch, channels, 2 * channels);
    assertArrayEquals(scratch, floats(memory));
  }

  @ParameterizedTest
  @CsvSource({"1, 16, false", "3, 48, true", "5, 320, true", "2, 32, false"})
  void resultsAreTheSameBits(int rows, int channels, boolean silu) {
    assumeTrue(Amx.used(), Amx::describe);
    float[] x = values((rows + 1) * channels, 40, 4);
    x[channels] = Float.NaN;
    x[channels + 1] = Float.POSITIVE_INFINITY;
    x[channels + 2] = Float.NEGATIVE_INFINITY;
    x[channels + 3] = -1e6f;
    x[channels + 4] = 1e6f;
    float[] c = values(4 * channels, 1, 5);
    MemorySegment y = memory(new float[x.length]);
    long row = 4L * channels;
    UnitNorms.affine(memory(x), y, row, memory(c), row, rows, channels, silu);
    float[] coefficients = Arrays.copyOfRange(c, channels, 4 * channels);
    Arrays.fill(x, 0, channels, 0f);
    for (int r = 1; r <= rows; r++) {
      new ScalarNorms().affineColumns(x, r * channels, coefficients, channels, silu);
    }
    assertArrayEquals(x, floats(y));
  }

  @Test
  void memoryThatIsTooSmallIsRefused() {
    assumeTrue(Amx.used(), Amx::describe);
    MemorySegment one = memory(new float[16]);
    MemorySegment three = memory(new float[48]);
    assertThrows(
        IndexOutOfBoundsException.class, () -> UnitNorms.mean(one, 0, 64, three, 0, 2, 16));
    assertThrows(
        IndexOutOfBoundsException.class, () -> UnitNorms.addMoments(one, 0, three, 0, 64, 2, 16));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> UnitNorms.affine(three, one, 0, three, 0, 2, 16, false));
  }
}
