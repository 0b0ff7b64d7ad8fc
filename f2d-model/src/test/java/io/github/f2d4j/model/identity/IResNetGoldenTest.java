package io.github.f2d4j.model.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.testing.ModelFixture;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code iresnet*.safetensors}: embeddings and stage outputs of insightface's network. */
class IResNetGoldenTest {
  static List<Fixture> fixtures() {
    return Goldens.fixtures("iresnet");
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void matchesUpstream(Fixture fixture) {
    ModelFixture golden = new ModelFixture(fixture, 5e-5, 1e-5);
    Weights weights = golden.weights();
    IdentityEncoder encoder = IdentityEncoder.of(golden.config(), weights);
    weights.verify();
    Tensor embedding = golden.observe(() -> encoder.encode(golden.input("image")));
    for (String name : golden.outputs()) {
      switch (name) {
        case "out.embedding" -> golden.assertOutput("embedding", embedding);
        case "out.embedding_l2" ->
            golden.assertOutput("embedding_l2", embedding.l2Normalize(1e-12f));
        default -> fail(fixture + ": unknown output " + name);
      }
    }
    golden.assertIntermediates();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void weightsAloneTellTheDimensions(Fixture fixture) {
    ModelFixture golden = new ModelFixture(fixture, 0, 0);
    IdentityEncoder encoder = IdentityEncoder.of(ConfigJson.parse("none", "{}"), golden.weights());
    IResNetConfig derived = assertInstanceOf(IResNet.class, encoder).config();
    assertEquals(IResNetConfig.of(golden.config(), golden.weights()), derived);
  }
}
