package io.github.f2d4j.model.expression;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** {@code expression*.safetensors}: Deep3DFaceRecon's network. */
class ExpressionGoldenTest {
  static List<Fixture> fixtures() {
    return Goldens.fixtures("expression");
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void matchesUpstream(Fixture fixture) {
    ModelFixture golden = new ModelFixture(fixture, 2e-5, 1e-5);
    Weights weights = golden.weights();
    ExpressionEncoder encoder =
        new ExpressionEncoder(weights, ExpressionConfig.of(golden.config(), weights));
    weights.verify();
    Tensor image = golden.input("image");
    Tensor coefficients = golden.observe(() -> encoder.coefficients(image));
    for (String name : golden.outputs()) {
      switch (name) {
        case "out.coeffs" -> golden.assertOutput("coeffs", coefficients);
        case "out.exp" -> golden.assertOutput("exp", encoder.encode(image));
        default -> fail(fixture + ": unknown output " + name);
      }
    }
    golden.assertIntermediates();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void weightsAloneTellTheDimensions(Fixture fixture) {
    ModelFixture golden = new ModelFixture(fixture, 0, 0);
    assertEquals(
        ExpressionConfig.of(golden.config(), golden.weights()),
        ExpressionConfig.of(ConfigJson.parse("none", "{}"), golden.weights()));
  }
}
