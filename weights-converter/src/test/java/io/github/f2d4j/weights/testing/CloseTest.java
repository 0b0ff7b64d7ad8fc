package io.github.f2d4j.weights.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CloseTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;

  private static void close(float expected, float actual, double atol, double rtol) {
    Close.assertClose("x", new float[] {expected}, new float[] {actual}, atol, rtol);
  }

  @Test
  void acceptsWithinTolerance() {
    close(1, 1, 0, 0);
    close(1, 1.5f, 0.5, 0);
    close(-4, -5, 0, 0.25);
    close(INF, INF, 0, 0);
    Close.assertClose("x", new float[0], new float[0], 0, 0);
    Close.assertClose("x", new byte[] {(byte) 255}, new byte[] {(byte) 254}, 1);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1.51, 0.5, 0",
    "-4, -5.01, 0, 0.25",
    "NaN, NaN, 1, 1",
    "1, NaN, 1, 1",
    "NaN, 1, 1, 1",
    "Infinity, -Infinity, 1, 1",
    "1, Infinity, 1, 1",
    "Infinity, 1, 1, 0"
  })
  void refusesEverythingElse(float expected, float actual, double atol, double rtol) {
    assertThrows(AssertionError.class, () -> close(expected, actual, atol, rtol));
  }

  @Test
  void refusesOtherLengthAndSenselessTolerance() {
    assertThrows(
        AssertionError.class,
        () -> Close.assertClose("x", new float[] {1}, new float[] {1, 2}, 9, 9));
    assertThrows(AssertionError.class, () -> close(1, 2, NAN, 0));
    assertThrows(
        AssertionError.class,
        () -> Close.assertClose("x", new byte[] {(byte) 255}, new byte[] {0}, 1));
  }

  @Test
  void namesTheWorst() {
    AssertionError e =
        assertThrows(
            AssertionError.class,
            () ->
                Goldens.assertClose(
                    "out.y", new float[] {1, 2, 3, 4}, new float[] {1, 2.5f, 5, 3.5f}, 0.1, 0));
    assertEquals(
        "out.y: 3 of 4 values differ by more than atol 0.100 + rtol 0.00; worst at index 2:"
            + " expected 3.00000000 but got 5.00000000 (difference 2.00)",
        e.getMessage());
  }
}
