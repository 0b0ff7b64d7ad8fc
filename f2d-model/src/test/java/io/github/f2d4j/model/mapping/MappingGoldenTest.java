package io.github.f2d4j.model.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.testing.ModelFixture;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code map*.safetensors}: upstream's mapping network, each case with its own arguments. */
class MappingGoldenTest {
  private static final Pattern ARGUMENTS = Pattern.compile("exp=(\\S+), mask=(\\S+)");

  /** Loss and gradients belong to training. */
  private static final Set<String> OUTPUTS =
      Set.of("first", "last", "loss", "grad", "grad_identity");

  static List<Fixture> fixtures() {
    return Goldens.fixtures("map");
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void matchesUpstream(Fixture fixture) {
    ModelFixture golden = new ModelFixture(fixture, 1e-5, 0);
    Weights weights = golden.weights();
    MappingNetwork network =
        new MappingNetwork(weights, MappingConfig.of(golden.config(), weights));
    weights.verify();
    Map<String, String> cases =
        fixture.config().path("cases").properties().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().asText()));
    assertFalse(cases.isEmpty(), "the fixture has no cases");
    for (String output : golden.outputs()) {
      List<String> path = List.of(output.split("\\.", 4));
      assertTrue(cases.containsKey(path.get(1)), fixture + ": no case has the output " + output);
      assertTrue(OUTPUTS.contains(path.get(2)), fixture + ": unknown output " + output);
    }
    cases.forEach(
        (name, arguments) -> {
          Matcher m = ARGUMENTS.matcher(arguments);
          assertTrue(m.matches(), "case " + name + " has the unknown form " + arguments);
          MappingNetwork.Words words =
              network.map(
                  golden.input("identity"),
                  argument(golden, m.group(1)),
                  argument(golden, m.group(2)));
          golden.assertOutput(name + ".first", words.first());
          golden.assertOutput(name + ".last", words.last());
        });
  }

  private static @Nullable Tensor argument(ModelFixture golden, String text) {
    return text.equals("None") ? null : golden.input(text.substring("in.".length()));
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void weightsAloneTellTheDimensions(Fixture fixture) {
    ModelFixture golden = new ModelFixture(fixture, 0, 0);
    MappingConfig derived = MappingConfig.of(ConfigJson.parse("none", "{}"), golden.weights());
    MappingConfig given = MappingConfig.of(golden.config(), golden.weights());
    assertEquals(given.embedDim(), derived.embedDim());
    assertEquals(given.middleDim(), derived.middleDim());
    assertEquals(given.outputDim(), derived.outputDim());
    assertEquals(given.layers(), derived.layers());
    assertEquals(given.expDim(), derived.expDim());
  }
}
