package io.github.f2d4j.engine.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class WeightsTest {
  private static Map<String, Tensor> linear() {
    Map<String, Tensor> tensors = new TreeMap<>();
    tensors.put("fc.weight", Tensor.full(1, 2, 3));
    tensors.put("fc.bias", Tensor.full(0, 2));
    return tensors;
  }

  @Test
  void aModelThatFitsIsAccepted() {
    Weights w = Weights.of("file", linear());
    Linear fc = new Linear(w.at("fc"), 3, 2);
    w.verify();
    assertEquals("fc", fc.path());
    assertEquals(List.of("fc.bias", "fc.weight"), new ArrayList<>(w.declared().keySet()));
  }

  @Test
  void oneErrorListsEverything() {
    Map<String, Tensor> tensors = linear();
    tensors.remove("fc.bias");
    tensors.put("fc.weight", Tensor.full(1, 2, 4));
    tensors.put("other", Tensor.full(1, 1));
    tensors.put("counted.num_batches_tracked", Tensor.of(new long[] {1}, 1));
    tensors.put("norm.weight", Tensor.full(Float.NaN, 5));
    tensors.put("norm.bias", Tensor.full(0, 5));
    Weights w = Weights.of("some.safetensors", tensors);
    new Linear(w.at("fc"), 3, 2);
    new LayerNorm(w.at("norm"), 5, 1e-5f);
    w.at("counted").ignore("num_batches_tracked");
    WeightsException e = assertThrows(WeightsException.class, w::verify);
    assertEquals(4, e.problems().size(), e.getMessage());
    for (String part :
        List.of(
            "some.safetensors",
            "missing fc.bias [2]",
            "mismatched fc.weight: the checkpoint has [2,4], the model [2,3]",
            "unused other [1]",
            "not finite norm.weight")) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  @Test
  void integersAreNoWeights() {
    Weights w = Weights.of("file", Map.of("x", Tensor.of(new long[] {1}, 1)));
    w.get("x", 1);
    assertTrue(assertThrows(WeightsException.class, w::verify).getMessage().contains("I64"));
  }

  @Test
  void infinityFarInsideALargeTensorIsFound() {
    float[] values = new float[200_001];
    values[200_000] = Float.POSITIVE_INFINITY;
    Weights w = Weights.of("file", Map.of("x", Tensor.of(values, values.length)));
    w.get("x", values.length);
    assertThrows(WeightsException.class, w::verify);
  }

  /** Such a tensor is scanned in pieces. */
  @Test
  void aTensorWithInfinitiesInSeveralPiecesIsToldOnce() {
    int length = (1 << 22) + 3;
    float[] values = new float[length];
    values[17] = Float.NEGATIVE_INFINITY;
    values[length - 1] = Float.NaN;
    Weights w = Weights.of("file", Map.of("x", Tensor.of(values, length)));
    w.get("x", length);
    String message = assertThrows(WeightsException.class, w::verify).getMessage();
    assertEquals(2, message.split("not finite x", -1).length, message);
    values[17] = 0;
    Weights last = Weights.of("file", Map.of("x", Tensor.of(values, length)));
    last.get("x", length);
    assertThrows(WeightsException.class, last::verify);
  }

  @Test
  void aRecordingAcceptsAndListsEveryKey() {
    Weights w = Weights.recording();
    new Conv2d(w.at("conv"), 3, 4, 3);
    new BatchNorm(w.at("bn"), 4, 1e-5f);
    w.verify();
    assertEquals(TensorType.f32(Shape.of(4, 3, 3, 3)), w.declared().get("conv.weight"));
    assertEquals(6, w.declared().size());
    assertEquals(java.util.Set.of("bn.num_batches_tracked"), w.ignored());
  }

  @Test
  void typesAloneCanBeVerified() {
    Weights w = Weights.ofTypes("list", Map.of("a.q.weight", TensorType.f32(Shape.of(2, 2))));
    new Linear(w.at("a").atAny("to_q", "q"), 2, 2, false);
    w.verify();
  }

  @Test
  void outputsCanBeObservedByPath() {
    Weights w = Weights.of("file", linear());
    Linear fc = new Linear(w.at("fc"), 3, 2);
    Map<String, Tensor> seen = new TreeMap<>();
    Layer.observing(seen::put, () -> fc.forward(Tensor.full(1, 4, 3)));
    assertEquals(Shape.of(4, 2), seen.get("fc").shape());
  }
}
