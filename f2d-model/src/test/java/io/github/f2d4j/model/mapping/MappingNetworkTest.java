package io.github.f2d4j.model.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shapes and errors of the mapping network; no values. */
class MappingNetworkTest {
  private static final MappingConfig SMALL =
      new MappingConfig(6, 5, 4, 3, 0.1f, 2, 0.2f, List.of("smile"));

  private static Tensor f32(int... dims) {
    return Tensor.placeholder(TensorType.f32(Shape.of(dims)));
  }

  private static MappingNetwork network() {
    return new MappingNetwork(Weights.recording(), SMALL);
  }

  @Test
  void weightsTellTheDimensions() {
    Weights recorded = Weights.recording();
    assertEquals(SMALL, new MappingNetwork(recorded, SMALL).config());
    Weights w = Weights.ofTypes("map", recorded.declared());
    ConfigJson names = ConfigJson.parse("config.json", "{\"expression\": [\"smile\"]}");
    assertEquals(SMALL, MappingConfig.of(names, w));
  }

  @Test
  void oneExpressionServesAll() {
    MappingNetwork.Words words = network().map(f32(3, 6), f32(1, 2), f32(3, 1));
    assertEquals(Shape.of(3, 4), words.first().shape());
    assertEquals(Shape.of(3, 4), words.last().shape());
    assertEquals(Shape.of(3, 4), network().map(f32(3, 6), f32(1, 2), null).first().shape());
    assertEquals(Shape.of(3, 4), network().map(f32(3, 6)).first().shape());
  }

  @Test
  void argumentsOfAnotherShapeAreRefused() {
    MappingNetwork n = network();
    assertMessage("F32[N,6]", () -> n.map(f32(3, 7)));
    assertMessage("F32[N,6]", () -> n.map(f32(6)));
    assertMessage("expression", () -> n.map(f32(3, 6), f32(2, 2), null));
    assertMessage("expression", () -> n.map(f32(3, 6), f32(3, 3), null));
    assertMessage("mask", () -> n.map(f32(3, 6), f32(3, 2), f32(2)));
    assertMessage("mask", () -> n.map(f32(3, 6), null, f32(2)));
  }

  private static void assertMessage(String part, Runnable call) {
    Exception e = assertThrows(IllegalArgumentException.class, call::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"architecture\": \"IMG2TEXT\"}",
        "{\"n_layer\": 0}",
        "{\"exp_dim\": 1, \"expression\": [\"a\", \"b\"]}"
      })
  void unsupportedConfigurationsAreRefused(String json) {
    assertThrows(
        ConfigException.class,
        () -> MappingConfig.of(ConfigJson.parse("config.json", json), Weights.recording()));
  }

  @Test
  void aNetworkWithoutExpressionInputIsRefused() {
    Weights w =
        Weights.ofTypes(
            "w",
            Map.of(
                "i2t_first.layers.0.0.weight", TensorType.f32(Shape.of(5, 6)),
                "null_exp", TensorType.f32(Shape.of(6))));
    assertThrows(
        ConfigException.class, () -> MappingConfig.of(ConfigJson.parse("config.json", "{}"), w));
  }
}
