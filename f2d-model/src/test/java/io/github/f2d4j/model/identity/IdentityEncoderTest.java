package io.github.f2d4j.model.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.nn.WeightsException;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which network a checkpoint becomes, its dimensions, and what is refused; no values. */
class IdentityEncoderTest {
  private static final MultiScaleConfig SMALL =
      new MultiScaleConfig(
          new IResNetConfig(
              64, 4, List.of(6, 8, 10), List.of(1, 2, 1), List.of(2, 1, 2), 512, 1e-5f),
          List.of("layer3", "layer1"),
          5);

  private static final MsidVitConfig SMALL_VIT =
      new MsidVitConfig(24, 8, 12, 3, 2, 30, false, 1e-6f, List.of(2, 0));

  private static ConfigJson config(String json) {
    return ConfigJson.parse("config.json", json.replace('\'', '"'));
  }

  /** The types of the weights that a network asks for. */
  private static Map<String, TensorType> types(MultiScaleConfig config) {
    Weights w = Weights.recording();
    assertEquals(config, new MultiScaleIResNet(w, config).config());
    return w.declared();
  }

  private static Tensor faces(int... dims) {
    return Tensor.placeholder(TensorType.f32(Shape.of(dims)));
  }

  @ParameterizedTest
  @CsvSource({
    "iresnet18, 8, 1536",
    "iresnet34, 16, 1536",
    "iresnet50, 24, 1536",
    "iresnet100, 49, 1536"
  })
  void fullSizesByName(String name, int blocks, int features) {
    Weights w = Weights.recording();
    IdentityEncoder plain = IdentityEncoder.of(config("{'architecture': '" + name + "'}"), w);
    IResNetConfig c = assertInstanceOf(IResNet.class, plain).config();
    assertEquals(blocks, c.blocks().stream().mapToInt(b -> b).sum());
    assertEquals(512, plain.features());
    assertEquals(Shape.of(512, 25088), w.declared().get("fc.weight").shape());

    String multi = "{'architecture': 'iresnet_multiscale', 'backbone': '" + name + "'}";
    IdentityEncoder msid = IdentityEncoder.of(config(multi), Weights.recording());
    assertEquals(features, msid.features());
    assertEquals(
        MultiScaleConfig.ofArchitecture(name),
        assertInstanceOf(MultiScaleIResNet.class, msid).config());
    assertEquals(Shape.of(2, features), msid.encode(faces(2, 112, 112, 3)).shape());
  }

  @Test
  void weightsTellAMultiScaleNetwork() {
    Weights w = Weights.ofTypes("msid", types(SMALL));
    // Only strides, input size and the order of the heads leave no trace.
    String json = "{'strides': [2, 1, 2], 'input_size': 64, 'head_levels': ['layer3', 'layer1']}";
    IdentityEncoder encoder = IdentityEncoder.of(config(json), w);
    w.verify();
    assertEquals(SMALL, assertInstanceOf(MultiScaleIResNet.class, encoder).config());
    assertEquals(10, encoder.features());
    assertEquals(64, encoder.inputSize());
    assertEquals(Shape.of(3, 10), encoder.encode(faces(3, 64, 64, 3)).shape());
  }

  @Test
  void embeddingOfABackboneMayStayInTheCheckpoint() {
    Map<String, TensorType> types = new TreeMap<>(types(SMALL));
    types.put("fc.weight", TensorType.f32(Shape.of(512, 1000)));
    types.put("features.weight", TensorType.f32(Shape.of(512)));
    Weights w = Weights.ofTypes("msid", types);
    assertEquals(5, new MultiScaleIResNet(w, SMALL).config().headDim());
    w.verify();
  }

  @Test
  void anUnknownWeightIsAnError() {
    Map<String, TensorType> types = new TreeMap<>(types(SMALL));
    types.put("heads.layer2.fc.weight", TensorType.f32(Shape.of(5, 8)));
    Weights w = Weights.ofTypes("msid", types);
    IdentityEncoder encoder = new MultiScaleIResNet(w, SMALL);
    assertEquals(10, encoder.features());
    WeightsException e = assertThrows(WeightsException.class, w::verify);
    assertEquals(List.of("unused heads.layer2.fc.weight [5,8]"), e.problems());
  }

  @Test
  void weightsTellATransformerButItsHeads() {
    Weights recorded = Weights.recording();
    MsidViT vit = new MsidViT(recorded, SMALL_VIT);
    assertEquals(List.of(0, 2), vit.config().extDepthes());
    assertEquals(Shape.of(2, 24), vit.encode(faces(2, 24, 24, 3)).shape());
    assertEquals(Shape.of(2, 12), vit.extractMlfeat(faces(2, 24, 24, 3), List.of(1, 1)).shape());

    Weights w = Weights.ofTypes("msid", recorded.declared());
    IdentityEncoder encoder = IdentityEncoder.of(config("{'num_heads': 2}"), w);
    w.verify();
    assertEquals(SMALL_VIT, assertInstanceOf(MsidViT.class, encoder).config());
    ConfigException e =
        assertThrows(ConfigException.class, () -> IdentityEncoder.of(config("{}"), w));
    assertTrue(e.getMessage().contains("num_heads"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'architecture': 'vgg'}", "{'architecture': 'iresnet'}"})
  void unknownNetworksAreRefused(String json) {
    Weights w = Weights.ofTypes("w", Map.of("conv.weight", TensorType.f32(Shape.of(1))));
    ConfigException e =
        assertThrows(ConfigException.class, () -> IdentityEncoder.of(config(json), w));
    assertTrue(e.getMessage().startsWith("config.json: "), e.getMessage());
    assertTrue(e.getMessage().contains("iresnet"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'channels': [6, 8]",
        "'strides': [2, 2]",
        "'strides': [2, 0, 2]",
        "'head_levels': ['layer1', 'layer4']",
        "'head_levels': ['layer1', 'layer1']",
        "'head_levels': []",
        "'head_dim': 0",
        "'embed_dim': 11",
        "'image_mean': 0.4",
        "'batch_norm_eps': 'small'"
      })
  void contradictionsAreRefused(String entry) {
    Weights w = Weights.ofTypes("msid", types(SMALL));
    String json = "{'architecture': 'iresnet_multiscale', " + entry + "}";
    assertThrows(ConfigException.class, () -> IdentityEncoder.of(config(json), w), entry);
  }

  @Test
  void plainEmbeddingTakesWhateverLeavesTheSamePixels() {
    IResNet net = new IResNet(Weights.recording(), IResNetConfig.ofArchitecture("iresnet18"));
    assertEquals(Shape.of(1, 512), net.encode(faces(1, 97, 112, 3)).shape());
    for (Tensor bad : List.of(faces(1, 96, 112, 3), faces(1, 112, 113, 3), faces(1, 112, 112, 4))) {
      Exception e = assertThrows(IllegalArgumentException.class, () -> net.encode(bad));
      assertTrue(e.getMessage().contains("F32[N,112,112,3]"), e.getMessage());
    }
  }

  @Test
  void facesOfAnotherShapeAreRefused() {
    IdentityEncoder encoder = new MultiScaleIResNet(Weights.recording(), SMALL);
    for (Tensor bad : List.of(faces(64, 64, 3), faces(1, 3, 64, 64), faces(1, 64, 63, 3))) {
      Exception e = assertThrows(IllegalArgumentException.class, () -> encoder.encode(bad));
      assertTrue(e.getMessage().contains("F32[N,64,64,3]"), e.getMessage());
    }
    MsidViT vit = new MsidViT(Weights.recording(), SMALL_VIT);
    for (List<Integer> bad : List.<List<Integer>>of(List.of(), List.of(3), List.of(-1))) {
      assertThrows(
          IllegalArgumentException.class, () -> vit.extractMlfeat(faces(1, 24, 24, 3), bad));
    }
  }
}
