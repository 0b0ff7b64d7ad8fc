package io.github.f2d4j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.cpu.tuning.ConvolveAlgorithm;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Right results pass, and a fault in a single weight or pixel does not. */
class ConvolveCheckTest {
  private static final int IN = 96;
  private static final int OUT = 40;

  private final Operands operands = new Operands(20261123);

  /** A convolution with its operands. */
  private static final class Case {
    final int size;
    final float[] x;
    final float[] w;
    final float[] bias;

    Case(int size, float[] x, float[] w, float[] bias) {
      this.size = size;
      this.x = x;
      this.w = w;
      this.bias = bias;
    }

    ConvolveCheck check() {
      return new ConvolveCheck(1, size, IN, OUT, ConvolveCheck.algorithm(size, IN, OUT));
    }

    float[] result() {
      return Tensor.of(x, 1, size, size, IN)
          .conv2d(
              Operands.parameter(w, OUT, IN, 3, 3), Operands.parameter(bias, OUT), Window.of(1, 1))
          .toFloats();
    }

    /** What is said against {@code result} if these were its operands. */
    String refusal(float[] result) {
      return assertThrows(IllegalStateException.class, () -> check().check(x, w, bias, result))
          .getMessage();
    }
  }

  private Case random(int size) {
    return new Case(
        size,
        operands.values(1, size, size, IN),
        operands.values(OUT, IN, 3, 3),
        operands.values(OUT));
  }

  @ParameterizedTest
  @CsvSource({"64, WINOGRAD_F4", "12, WINOGRAD_F2", "5, DIRECT"})
  void theDeviationIsThatOfTheAlgorithm(int size, ConvolveAlgorithm algorithm) {
    int side =
        switch (algorithm) {
          case DIRECT -> 1;
          case WINOGRAD_F2 -> 2;
          case WINOGRAD_F4 -> 4;
        };
    double[] squares = new double[side * side];
    int[] count = new int[side * side];
    double[] largest = new double[1];
    int images = Math.ceilDiv(1000, size * size);
    for (int image = 0; image < images; image++) {
      Case c = random(size);
      assertEquals(algorithm, c.check().algorithm());
      c.check()
          .check(
              c.x,
              c.w,
              c.bias,
              c.result(),
              (index, deviations) -> {
                int pixel = index / OUT;
                int place = pixel / size % side * side + pixel % size % side;
                squares[place] += deviations * deviations;
                count[place]++;
                largest[0] = Math.max(largest[0], Math.abs(deviations));
              });
    }
    assertEquals(images * (size * size + OUT), Arrays.stream(count).sum());
    double rms = Math.sqrt(Arrays.stream(squares).sum() / Arrays.stream(count).sum());
    assertTrue(rms > 0.85 && rms < 1.1, "root mean square " + rms + " deviations, expected 1");
    assertTrue(largest[0] < 6, "largest error is " + largest[0] + " deviations");
    for (int place = 0; place < squares.length; place++) {
      double own = Math.sqrt(squares[place] / count[place]);
      assertTrue(own > 0.7 && own < 1.3, "root mean square at place " + place + " is " + own);
    }
  }

  /** Its chains, combined as Winograd's are, are the convolution. */
  @ParameterizedTest
  @CsvSource({
    "64, 4, false",
    "63, 4, false",
    "24, 2, false",
    "15, 2, false",
    "63, 4, true",
    "15, 2, true"
  })
  void whatIsFollowedIsTheConvolution(int size, int side, boolean unit) {
    Case c = random(size);
    WinogradSum winograd = side == 4 ? WinogradSum.f4(unit) : WinogradSum.f2(unit);
    CheckedSum exact = new CheckedSum();
    for (int pixel = 0; pixel < size * size; pixel += 7) {
      int channel = pixel % OUT;
      double deviation = c.check().deviation(c.x, c.w, 0, pixel, channel, winograd);
      exact.reset();
      c.check().window(c.x, c.w, pixel, channel, exact);
      double followed = winograd.pixel(pixel / size % side, pixel % size % side);
      assertTrue(
          Math.abs(exact.error((float) followed, deviation)) < 6,
          pixel + ": " + followed + " and " + exact.chain() + ", deviation " + deviation);
    }
  }

  @ParameterizedTest
  @CsvSource({"64, 0", "64, 17279", "24, 0", "24, 9000", "8, 17279"})
  void oneWrongWeightIsRefused(int size, int at) {
    Case c = random(size);
    float[] wrong = c.w.clone();
    wrong[at] += 0.01f;
    float[] result = new Case(size, c.x, wrong, c.bias).result();
    assertTrue(c.refusal(result).contains(c.check().algorithm().name()));
  }

  @ParameterizedTest
  @CsvSource({"64, 0", "64, 4094", "64, 2000", "24, 0", "24, 300", "8, 30"})
  void onePixelOfTheInputInAnothersPlaceIsRefused(int size, int pixel) {
    Case c = random(size);
    float[] shifted = c.x.clone();
    System.arraycopy(c.x, (pixel + 1) * IN, shifted, pixel * IN, IN);
    assertTrue(c.refusal(new Case(size, shifted, c.w, c.bias).result()).contains("not timed"));
  }

  @ParameterizedTest
  @CsvSource({"64, 0", "64, 4095", "24, 77", "8, 63"})
  void onePixelOfTheResultInAnothersPlaceIsRefused(int size, int pixel) {
    Case c = random(size);
    float[] result = c.result();
    int other = pixel == 0 ? 1 : pixel - 1;
    float[] shifted = result.clone();
    System.arraycopy(result, other * OUT, shifted, pixel * OUT, OUT);
    int at = Integer.parseInt(c.refusal(shifted).replaceAll(".*element (\\d+) is.*", "$1"));
    assertEquals(pixel, at / OUT);
  }

  /** Direct results have no part in what Winograd's are allowed. */
  @Test
  void winogradsErrorIsRefusedInADirectResult() {
    int size = 64;
    Case c = random(size);
    float[] off = c.result();
    ConvolveCheck direct = new ConvolveCheck(1, size, IN, OUT, ConvolveAlgorithm.DIRECT);
    CheckedSum sum = new CheckedSum();
    direct.window(c.x, c.w, 0, 0, sum);
    sum.finish(c.bias[0]);
    off[0] = (float) (sum.chain() + 12 * sum.deviation());
    assertDoesNotThrow(() -> c.check().check(c.x, c.w, c.bias, off));
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> direct.check(c.x, c.w, c.bias, off));
    assertTrue(refused.getMessage().contains("element 0 is"), refused.getMessage());
  }
}
