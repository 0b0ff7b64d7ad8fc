package io.github.f2d4j.engine.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.amx.Amx;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The transform of weights in machine code against the one in Java, bit for bit. */
class WinogradSumsTest {
  private static void transform(Winograd form, WinogradSums sums, int floats, int zeros) {
    Random random = new Random(floats);
    MemorySegment weights = HostBuffer.allocate(4L * Winograd.TAPS * floats).segment();
    for (int i = 0; i < Winograd.TAPS * floats; i++) {
      weights.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    long tap = 4L * floats;
    float[][] row = new float[Winograd.SIDE][floats];
    float[] element = new float[floats];
    sums.reserve(floats, 4L * (floats + zeros));
    for (int i = 0; i < form.in(); i++) {
      WinogradWeights.row(form, i, weights, 0, tap, row, floats);
      for (int kw = 0; kw < Winograd.SIDE; kw++) {
        sums.row(form, i, weights, kw * tap, Winograd.SIDE * tap, kw);
      }
      for (int j = 0; j < form.in(); j++) {
        WinogradWeights.element(form, j, row, 0, element, floats);
        MemorySegment panel = sums.element(form, j);
        assertEquals(4L * (floats + zeros), panel.byteSize());
        for (int n = 0; n < floats + zeros; n++) {
          float expected = n < floats ? element[n] : 0f;
          float actual = panel.getAtIndex(ValueLayout.JAVA_FLOAT, n);
          assertEquals(expected, actual, i + ", " + j + ", " + n);
        }
      }
    }
  }

  /** Room that was used for more is used again. */
  @ParameterizedTest
  @EnumSource(Winograd.class)
  void bitsAreThoseOfTheFormInJava(Winograd form) {
    assumeTrue(Amx.used(), Amx::describe);
    int width = Panels.width();
    WinogradSums sums = new WinogradSums();
    transform(form, sums, 5 * width, 3 * width);
    transform(form, sums, 3 * width, 5 * width);
    transform(form, sums, 8 * width, 0);
    transform(form, sums, width, 0);
  }
}
