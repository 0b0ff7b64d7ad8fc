package io.github.f2d4j.model.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.model.testing.Reference;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every fixture {@code attention*}: all cases. */
class AttentionGoldenTest {
  private static final double ATOL = 3e-5;

  @TestFactory
  List<DynamicTest> fixtures() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Fixture fixture : Goldens.fixtures("attention")) {
      TreeSet<String> outputs = new TreeSet<>(fixture.names("out."));
      for (JsonNode c : fixture.config().required("cases")) {
        String name = c.required("case").textValue();
        outputs.remove("out." + name);
        tests.add(DynamicTest.dynamicTest(fixture + " " + name, () -> check(fixture, name, c)));
      }
      tests.add(
          DynamicTest.dynamicTest(
              fixture + " has a case for every output",
              () -> assertEquals(new TreeSet<String>(), outputs)));
    }
    return tests;
  }

  private static void check(Fixture fixture, String name, JsonNode c) {
    int heads = c.required("heads").intValue();
    Tensor q = Reference.tensor(fixture, "in." + name + ".q");
    Tensor k = Reference.tensor(fixture, "in." + name + ".k");
    Tensor v = Reference.tensor(fixture, "in." + name + ".v");
    assertEquals(c.required("head_dim").intValue() * heads, q.dim(2), "heads * head_dim");
    Tensor out = q.attention(k, v, heads, c.required("causal").booleanValue());
    Reference.assertClose(fixture, "out." + name, out, ATOL, 0);
  }
}
