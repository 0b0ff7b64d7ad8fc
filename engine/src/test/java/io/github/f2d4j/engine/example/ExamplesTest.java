package io.github.f2d4j.engine.example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The documentation's examples do what they say. */
class ExamplesTest {
  private static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  @Test
  void tensors() {
    float[] expected = {(float) silu(8), (float) silu(11), (float) silu(16), (float) silu(23)};
    assertArrayEquals(expected, TensorExample.lazy(), 1e-5f);
  }

  @Test
  void compiledFunctions() {
    float[] answer = TensorExample.compiled(Tensor.full(1, 64, 10), Tensor.full(1, 8, 64));
    assertEquals(0.1f, answer[0], 1e-6f);
    assertTrue(answer[1] >= 8 * 10 * Float.BYTES, "the product lies in working memory");
  }

  @Test
  void layers() {
    Map<String, Tensor> tensors =
        Map.of("first.weight", Tensor.full(1, 3, 4), "first.bias", Tensor.full(2, 3));
    float[] y = TensorExample.layer(tensors, Tensor.full(1, 1, 4)).toFloats();
    assertArrayEquals(new float[] {6, 6, 6}, y);
  }

  @Test
  void regions() {
    assertTrue(TensorExample.region());
  }

  @Test
  void profiles() {
    assertTrue(ProfileExample.run(Tensor.full(1, 2, 3), Tensor.full(1, 3, 4)).size() > 0);
  }
}
