package io.github.f2d4j.model.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.f2d4j.engine.random.TorchCpuNoise;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** PyTorch's CPU generator: {@code torch_rng*} fixtures. */
class TorchRngGoldenTest {
  /** {@code out.seed<S>.<function>.<shape>}, drawn right after seeding. */
  private static final Pattern SINGLE =
      Pattern.compile("out\\.seed(-?\\d+)\\.([a-z]+)(\\d*)\\.[\\dx]*");

  /** {@code out.seed<S>.sequence.<i>.<function>.<shape>}, drawn one after another. */
  private static final Pattern STEP =
      Pattern.compile("out\\.seed(-?\\d+)\\.sequence\\.(\\d+)\\.([a-z]+)(\\d*)\\.[\\dx]*");

  static Stream<Arguments> singles() {
    List<Arguments> cases = new ArrayList<>();
    for (Fixture fixture : Goldens.fixtures("torch_rng")) {
      for (String name : fixture.names("out.")) {
        if (SINGLE.matcher(name).matches()) {
          cases.add(Arguments.of(fixture, name));
        } else {
          assertTrue(
              STEP.matcher(name).matches(), name + " of " + fixture + " is of no known form");
        }
      }
    }
    return cases.stream();
  }

  static Stream<Arguments> sequences() {
    List<Arguments> cases = new ArrayList<>();
    for (Fixture fixture : Goldens.fixtures("torch_rng")) {
      for (JsonNode seed : fixture.config().path("seeds")) {
        cases.add(Arguments.of(fixture, seed.asLong()));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("singles")
  void drawsAfterSeeding(Fixture fixture, String name) {
    Matcher m = SINGLE.matcher(name);
    assertTrue(m.matches());
    TorchCpuNoise noise = new TorchCpuNoise(Long.parseLong(m.group(1)));
    check(fixture, name, noise, m.group(2), m.group(3));
  }

  @ParameterizedTest(name = "{0} seed {1}")
  @MethodSource("sequences")
  void drawsInSequence(Fixture fixture, long seed) {
    TorchCpuNoise noise = new TorchCpuNoise(seed);
    List<String> steps =
        fixture.names("out.seed" + seed + ".sequence.").stream()
            .sorted(Comparator.comparingInt(TorchRngGoldenTest::step))
            .toList();
    assertEquals(fixture.config().path("sequence").size(), steps.size(), "steps of " + fixture);
    for (String name : steps) {
      Matcher m = STEP.matcher(name);
      assertTrue(m.matches(), name);
      check(fixture, name, noise, m.group(3), m.group(4));
    }
  }

  private static int step(String name) {
    Matcher m = STEP.matcher(name);
    assertTrue(m.matches(), name);
    return Integer.parseInt(m.group(2));
  }

  private static void check(
      Fixture fixture, String name, TorchCpuNoise noise, String function, String bound) {
    int n = Math.toIntExact(fixture.shape(name).elements());
    switch (function) {
      case "rand" -> assertArrayEquals(fixture.floats(name), noise.rand(n), name);
      case "randint" ->
          assertArrayEquals(fixture.longs(name), noise.randint(Long.parseLong(bound), n), name);
      case "randn" ->
          Goldens.assertClose(name, fixture.floats(name), noise.randn(n), n < 16 ? 1e-7 : 5e-6, 0);
      default -> throw new AssertionError("unknown function " + function + " in " + name);
    }
  }
}
