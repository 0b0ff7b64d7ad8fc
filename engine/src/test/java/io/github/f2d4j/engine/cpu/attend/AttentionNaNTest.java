package io.github.f2d4j.engine.cpu.attend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.engine.Tensor;
import org.junit.jupiter.api.Test;

/** The softmax's exponential does not know NaN, so the kernel must carry it on by itself. */
class AttentionNaNTest {
  private static final int TOKENS = 150;
  private static final int D = 8;

  private static float[] attend(int queryWithNaN, int keyWithNaN, int valueWithNaN) {
    float[][] qkv = new float[3][TOKENS * D];
    int[] poisoned = {queryWithNaN, keyWithNaN, valueWithNaN};
    for (int t = 0; t < 3; t++) {
      for (int i = 0; i < qkv[t].length; i++) {
        qkv[t][i] = (i * 37 % 101 - 50) / 50f;
      }
      if (poisoned[t] >= 0) {
        qkv[t][poisoned[t] * D + 3] = Float.NaN;
      }
    }
    Tensor q = Tensor.of(qkv[0], 1, TOKENS, D);
    Tensor k = Tensor.of(qkv[1], 1, TOKENS, D);
    return q.attention(k, Tensor.of(qkv[2], 1, TOKENS, D), 2, false).toFloats();
  }

  @Test
  void aQueryWithNaNPoisonsItsRowInItsHead() {
    float[] y = attend(131, -1, -1);
    for (int i = 0; i < y.length; i++) {
      assertEquals(i / D == 131 && i % D < D / 2, Float.isNaN(y[i]), "element " + i);
    }
  }

  @Test
  void aKeyWithNaNPoisonsItsHead() {
    float[] y = attend(-1, 140, -1);
    for (int i = 0; i < y.length; i++) {
      assertEquals(i % D < D / 2, Float.isNaN(y[i]), "element " + i);
    }
  }

  @Test
  void aValueWithNaNPoisonsItsColumn() {
    float[] y = attend(-1, -1, 5);
    for (int i = 0; i < y.length; i++) {
      assertEquals(i % D == 3, Float.isNaN(y[i]), "element " + i);
    }
  }
}
