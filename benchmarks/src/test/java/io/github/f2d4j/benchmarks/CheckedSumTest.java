package io.github.f2d4j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.cpu.tuning.ConvolveAlgorithm;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class CheckedSumTest {
  private static final int TERMS = 11_520;

  private final RandomGenerator random =
      RandomGeneratorFactory.of("L64X128MixRandom").create(20261122);

  /** Fills {@code sum} and returns the last product. */
  private double fill(CheckedSum sum) {
    sum.reset();
    double last = 0;
    for (int k = 0; k < TERMS; k++) {
      float a = random.nextFloat(-1, 1);
      float b = random.nextFloat(-1, 1);
      last = (double) a * b;
      sum.add(a, b);
    }
    return last;
  }

  @Test
  void theDeviationIsThatOfRounding() {
    CheckedSum sum = new CheckedSum();
    int chains = 2000;
    double squares = 0;
    double largest = 0;
    for (int i = 0; i < chains; i++) {
      fill(sum);
      double error = sum.error(sum.chain());
      squares += error * error;
      largest = Math.max(largest, Math.abs(error));
    }
    double rms = Math.sqrt(squares / chains);
    assertTrue(rms > 0.9 && rms < 1.1, "root mean square " + rms + " deviations, expected 1");
    assertTrue(largest < 6, "largest of " + chains + " errors is " + largest + " deviations");
  }

  @Test
  void aMissingProductIsRefusedAndTheChainIsNot() {
    CheckedSum sum = new CheckedSum();
    double last;
    do {
      last = fill(sum);
    } while (Math.abs(last) < 0.01);
    double missing = sum.chain() - last;
    assertDoesNotThrow(() -> sum.check(0, sum.chain()));
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> sum.check(7, (float) missing));
    assertTrue(refused.getMessage().contains("element 7 is"), refused.getMessage());
    assertThrows(IllegalStateException.class, () -> sum.check(0, Float.NaN));
  }

  /** Sums as long as the UNet's: every error there is is rounding, for every bit is the chain's. */
  @Test
  void everyElementOfTheDeepestConvolutionIsTheChain() {
    int size = 5; // too few pixels for Winograd's algorithm and for the matrix unit
    int in = 1280;
    int out = 16;
    Operands operands = new Operands(20261123);
    float[] x = operands.values(1, size, size, in);
    float[] w = operands.values(out, in, 3, 3);
    float[] bias = operands.values(out);
    float[] result =
        Tensor.of(x, 1, size, size, in)
            .conv2d(
                Operands.parameter(w, out, in, 3, 3),
                Operands.parameter(bias, out),
                Window.of(1, 1))
            .toFloats();
    ConvolveCheck check = new ConvolveCheck(1, size, in, out, ConvolveAlgorithm.DIRECT);
    CheckedSum sum = new CheckedSum();
    for (int i = 0; i < result.length; i++) {
      sum.reset();
      check.window(x, w, i / out, i % out, sum);
      sum.finish(bias[i % out]);
      assertEquals(sum.chain(), result[i], "element " + i);
      sum.check(i, result[i]);
    }
  }
}
