package io.github.f2d4j.engine.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.UnitWinograd;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The transforms in machine code against the scalar ones, bit for bit. */
class UnitWinogradTest {
  private static final int STRETCH = WinogradTransform.STRETCH;

  private static UnitWinograd unit(Winograd form, int channels) {
    assumeTrue(Amx.used(), Amx::describe);
    return Objects.requireNonNull(WinogradTransform.unit(form, channels));
  }

  private static WinogradTransform scalar(Winograd form) {
    return form == Winograd.F2 ? new WinogradF2Scalar() : new WinogradF4Scalar();
  }

  private static MemorySegment random(long floats, long seed) {
    Random random = new Random(seed);
    MemorySegment memory = HostBuffer.allocate(4 * floats).segment();
    for (long i = 0; i < floats; i++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return memory;
  }

  private static float at(MemorySegment memory, long index) {
    return memory.getAtIndex(ValueLayout.JAVA_FLOAT, index);
  }

  @ParameterizedTest
  @CsvSource({"F2, 16", "F2, 48", "F4, 16", "F4, 64", "F4, 48"})
  void inputsAreTheSameBits(Winograd form, int channels) {
    UnitWinograd unit = unit(form, channels);
    WinogradTransform steps = scalar(form);
    int n = form.in();
    int pixel = channels + 4;
    int line = 9 * pixel;
    int stride = channels + 20;
    int first = line + 2 * pixel;
    MemorySegment image = random((n + 2L) * line, 1);
    MemorySegment actual = random(((long) n * n + 1) * stride, 2);
    MemorySegment expected = HostBuffer.allocate(actual.byteSize()).segment().copyFrom(actual);
    unit.input(image, 4L * first, 4L * pixel, 4L * line, actual, 4L * 3, 4L * stride, channels);
    float[] tile = new float[n * n * STRETCH];
    for (int j = 0; j < n; j++) {
      long column = 4L * (first + j * pixel);
      steps.inputColumn(image, column, 4L * line, tile, j * STRETCH, channels);
    }
    for (int i = 0; i < n; i++) {
      long to = 4L * (3 + i * n * stride);
      steps.inputRow(tile, i * n * STRETCH, expected, to, 4L * stride, channels);
    }
    assertEquals(-1, expected.mismatch(actual));
  }

  @ParameterizedTest
  @CsvSource({"F2, 16, false", "F2, 48, true", "F4, 16, true", "F4, 64, false", "F4, 48, true"})
  void outputsAreTheSameBits(Winograd form, int channels, boolean residual) {
    UnitWinograd unit = unit(form, channels);
    WinogradTransform steps = scalar(form);
    int n = form.in();
    int m = form.out();
    int stride = channels + 20;
    int pixel = channels;
    int line = 7 * pixel;
    MemorySegment products = random(((long) n * n + 1) * stride, 3);
    MemorySegment bias = random(channels, 4);
    MemorySegment added = random((m + 1L) * line, 5);
    MemorySegment y = random((m + 1L) * line, 6);
    MemorySegment before = HostBuffer.allocate(y.byteSize()).segment().copyFrom(y);
    long first = line + 2L * pixel;
    unit.output(
        products,
        4 * 5,
        4L * stride,
        bias,
        residual ? added : null,
        y,
        4 * first,
        4L * pixel,
        4L * line,
        channels);
    float[] tile = new float[n * n * STRETCH];
    for (int j = 0; j < n; j++) {
      long column = 4L * (5 + j * stride);
      steps.outputColumn(products, column, 4L * n * stride, tile, j * STRETCH, channels);
    }
    int width = Panels.width();
    float[] panels = new float[m * m * (STRETCH + width)];
    for (int i = 0; i < m; i++) {
      steps.outputRow(tile, i * n * STRETCH, panels, i * m, channels);
    }
    for (long i = 0; i < y.byteSize() / 4; i++) {
      long row = Math.floorDiv(i - first, line);
      long column = Math.floorMod(i - first, line) / pixel;
      if (i < first || row >= m || column >= m) {
        assertEquals(at(before, i), at(y, i), "beside the tile: " + i);
        continue;
      }
      int c = (int) ((i - first) % pixel);
      int p = (int) (row * m + column);
      float sum = panels[(m * m * (c / width) + p) * width + c % width] + at(bias, c);
      float expected = residual ? sum + at(added, i) : sum;
      assertEquals(expected, at(y, i), row + ", " + column + ", " + c);
    }
  }

  @ParameterizedTest
  @EnumSource(Winograd.class)
  void memoryThatIsTooSmallIsRefused(Winograd form) {
    UnitWinograd unit = unit(form, 16);
    int n = form.in();
    MemorySegment enough = random((long) n * n * 16, 7);
    MemorySegment less = enough.asSlice(4);
    assertThrows(
        IndexOutOfBoundsException.class, () -> unit.input(less, 0, 64, 64L * n, enough, 0, 64, 16));
    assertThrows(
        IndexOutOfBoundsException.class, () -> unit.input(enough, 0, 64, 64L * n, less, 0, 64, 16));
  }
}
