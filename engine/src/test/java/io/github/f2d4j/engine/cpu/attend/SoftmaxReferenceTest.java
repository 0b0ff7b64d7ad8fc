package io.github.f2d4j.engine.cpu.attend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.engine.Tensor;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The softmax's reference starts at 0 and moves only where it must: scores that make it move up,
 * down, late, twice and too far. With one channel of q = 1 the scores are k itself.
 */
class SoftmaxReferenceTest {
  private static final int KEYS = 250;

  /** Shapes of a row of scores, with the error that rounding scores of that size may cause. */
  enum Scores {
    SMALL(1e-6),
    HIGH(2e-4),
    LOW(2e-4),
    LOW_THEN_HIGH(2e-4),
    HIGH_THEN_LOW(2e-4),
    RISING(2e-4),
    FALLING(2e-4),
    UNDERFLOWING(1e-6),
    FAR_UP(1e-5),
    FAR_DOWN(1e-6),
    FARTHER(1e-6),
    HUGE(1e-6);

    private final double tolerance;

    Scores(double tolerance) {
      this.tolerance = tolerance;
    }

    float of(int i) {
      double score =
          switch (this) {
            case SMALL -> Math.sin(i) * 5;
            case HIGH -> 500 + Math.sin(i) * 3;
            case LOW -> -500 + Math.sin(i) * 3;
            case LOW_THEN_HIGH -> (i < 100 ? -700 : 300) + Math.sin(i);
            case HIGH_THEN_LOW -> (i < 100 ? 300 : -700) + Math.sin(i);
            case RISING -> i * 4.0;
            case FALLING -> i * -4.0;
            case UNDERFLOWING -> i < 70 ? -90 : i == 70 ? -40 : 1;
            case FAR_UP -> i == 200 ? 3e7 : i;
            case FAR_DOWN -> i == 200 ? -3e7 : -4e7 - 1e5 * i;
            case FARTHER -> i == 3 ? 1e20 : i == 240 ? -1e30 : 0;
            case HUGE -> i == 130 ? -1e20 : -1e30;
          };
      return (float) score;
    }
  }

  /** Attention of queries with one channel. */
  private static float[] attend(float[] q, float[] k, float[] v, boolean causal) {
    return Tensor.of(q, 1, q.length, 1)
        .attention(Tensor.of(k, 1, k.length, 1), Tensor.of(v, 1, v.length, 1), 1, causal)
        .toFloats();
  }

  private static double exact(float q, float[] k, float[] v, int seen) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < seen; i++) {
      max = Math.max(max, (double) q * k[i]);
    }
    double sum = 0;
    double total = 0;
    for (int i = 0; i < seen; i++) {
      double p = Math.exp((double) q * k[i] - max);
      sum += p;
      total += p * v[i];
    }
    return total / sum;
  }

  @ParameterizedTest
  @EnumSource
  void followsTheScores(Scores scores) {
    float[] k = new float[KEYS];
    float[] v = new float[KEYS];
    float[] q = new float[KEYS];
    for (int i = 0; i < KEYS; i++) {
      k[i] = scores.of(i);
      v[i] = (i * 37 % 101 - 50) / 50f;
      // Neighbours move at other times, or not at all.
      q[i] = i % 3 == 0 ? 1 : i % 3 == 1 ? 0.5f : 0.001f;
    }
    for (boolean causal : new boolean[] {false, true}) {
      float[] y = attend(q, k, v, causal);
      for (int i = 0; i < KEYS; i++) {
        double expected = exact(q[i], k, v, causal ? i + 1 : KEYS);
        assertEquals(expected, y[i], scores.tolerance, scores + ", query " + i);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aQueryDoesNotDependOnItsNeighbours(Scores scores) {
    float[] k = new float[KEYS];
    float[] v = new float[KEYS];
    for (int i = 0; i < KEYS; i++) {
      k[i] = scores.of(i);
      v[i] = (i * 37 % 101 - 50) / 50f;
    }
    float[] q = new float[20];
    for (int i = 0; i < q.length; i++) {
      q[i] = i % 5 == 0 ? 1 : i % 5 * 0.001f;
    }
    float[] together = attend(q, k, v, false);
    for (int i = 0; i < q.length; i++) {
      float[] alone = attend(new float[] {q[i]}, k, v, false);
      assertArrayEquals(Arrays.copyOfRange(together, i, i + 1), alone, "query " + i);
    }
  }
}
