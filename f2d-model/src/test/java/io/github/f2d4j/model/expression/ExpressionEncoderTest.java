package io.github.f2d4j.model.expression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shapes and errors of the expression encoder; no values. */
class ExpressionEncoderTest {
  private static Tensor faces(int... dims) {
    return Tensor.placeholder(TensorType.f32(Shape.of(dims)));
  }

  @Test
  void publishedDimensions() {
    Weights w = Weights.recording();
    ExpressionConfig config = ExpressionConfig.of(ConfigJson.parse("none", "{}"), w);
    assertEquals(ExpressionConfig.PUBLISHED, config);
    ExpressionEncoder encoder = new ExpressionEncoder(w, config);
    assertEquals(64, encoder.features());
    assertEquals(Shape.of(2, 257), encoder.coefficients(faces(2, 224, 224, 3)).shape());
    assertEquals(Shape.of(2, 64), encoder.encode(faces(2, 224, 224, 3)).shape());
    // torchvision's ResNet-50 without its fc has 53 convolutions; the heads add 7.
    assertEquals(60, w.declared().values().stream().filter(t -> t.shape().rank() == 4).count());
    assertEquals(Shape.of(512, 2048, 1, 1), shape(w, "backbone.layer4.2.conv1.weight"));
    assertEquals(Shape.of(27, 2048, 1, 1), shape(w, "final_layers.4.weight"));
  }

  private static Shape shape(Weights w, String key) {
    return w.declared().get(key).shape();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"use_last_fc\": true}",
        "{\"exp_slice\": [80]}",
        "{\"exp_slice\": [80, 300]}",
        "{\"exp_slice\": [80, 80]}",
        "{\"layers\": [3, 4]}",
        "{\"final_layers\": []}"
      })
  void unsupportedConfigurationsAreRefused(String json) {
    assertThrows(
        ConfigException.class,
        () -> ExpressionConfig.of(ConfigJson.parse("config.json", json), Weights.recording()));
  }

  @Test
  void facesOfAnotherShapeAreRefused() {
    ExpressionEncoder encoder =
        new ExpressionEncoder(Weights.recording(), ExpressionConfig.PUBLISHED);
    for (Tensor bad : new Tensor[] {faces(224, 224, 3), faces(1, 3, 224, 224), faces(1, 9, 9, 3)}) {
      Exception e = assertThrows(IllegalArgumentException.class, () -> encoder.encode(bad));
      assertTrue(e.getMessage().contains("F32[N,224,224,3]"), e.getMessage());
    }
  }
}
