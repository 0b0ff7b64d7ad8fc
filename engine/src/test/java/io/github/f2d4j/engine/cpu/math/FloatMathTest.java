package io.github.f2d4j.engine.cpu.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;

/** Errors over a dense sample of all floats: every exponent, both signs, denormals, infinities. */
class FloatMathTest {
  private interface FloatFunction {
    float apply(float x);
  }

  /** The largest error in units of the last place where the result is a normal number. */
  private static double worst(int step, FloatFunction f, DoubleUnaryOperator exact) {
    double worst = 0;
    for (long bits = 0; bits < 1L << 32; bits += step) {
      float x = Float.intBitsToFloat((int) bits);
      double e = exact.applyAsDouble(x);
      float y = f.apply(x);
      float nearest = (float) e;
      if (Double.isNaN(e) || Float.isInfinite(nearest)) {
        assertEquals(nearest, y, "at " + x);
      } else if (Math.abs(e) < Float.MIN_NORMAL) {
        assertTrue(Math.abs(y - e) <= Float.MIN_NORMAL, "at " + x + ": " + y + ", exact " + e);
      } else {
        worst = Math.max(worst, Math.abs(y - e) / Math.ulp(nearest));
      }
    }
    return worst;
  }

  private static void assertError(double bound, double found) {
    assertTrue(found <= bound, "error " + found + " ulp, stated " + bound);
    assertTrue(found > 0.5 * bound - 0.25, "error " + found + " ulp, far below " + bound);
  }

  @Test
  void exp() {
    assertError(1, worst(1009, FloatMath::exp, StrictMath::exp));
    assertEquals(0f, FloatMath.exp(Float.NEGATIVE_INFINITY));
    assertEquals(StrictMath.exp(-101), FloatMath.exp(-101f), Float.MIN_VALUE);
  }

  @Test
  void log() {
    assertError(1, worst(1009, FloatMath::log, StrictMath::log));
  }

  @Test
  void tanh() {
    assertError(2.5, worst(1009, FloatMath::tanh, StrictMath::tanh));
  }

  @Test
  void sigmoid() {
    assertError(3, worst(1009, FloatMath::sigmoid, x -> 1 / (1 + StrictMath.exp(-x))));
  }

  @Test
  void erf() {
    assertError(2, worst(20011, FloatMath::erf, x -> Double.isNaN(x) ? x : Erf.erf(x)));
  }

  @Test
  void powersOfTwoOfNegativeNumbers() {
    assertError(
        2,
        worst(
            1009,
            x -> Float.isNaN(x) ? x : FloatMath.exp2Negated(Math.abs(x)),
            x -> StrictMath.pow(2, -Math.abs(x))));
  }

  @Test
  void powersOfTwoAboveAReference() {
    for (float reference : new float[] {0, 7, -1000, 0x1p21f}) {
      float shift = FloatMath.exp2Shift(reference);
      // Far above it is only promised that nothing finite comes out.
      float top = reference + 127;
      FloatFunction f = x -> x < -1e12f || x > top ? 0 : FloatMath.exp2Above(x, shift);
      double error =
          worst(
              1009, f, x -> x < -1e12f || x > top ? 0 : StrictMath.pow(2, x - (double) reference));
      assertTrue(error <= 2.5, "error " + error + " ulp at " + reference);
      for (double above = 128; above < 1e37; above *= 1.1) {
        float x = (float) (reference + above);
        assertFalse(Float.isFinite(FloatMath.exp2Above(x, shift)), "at " + x);
      }
    }
    assertTrue(Float.isNaN(FloatMath.exp2Above(1, Float.NaN)));
  }
}
