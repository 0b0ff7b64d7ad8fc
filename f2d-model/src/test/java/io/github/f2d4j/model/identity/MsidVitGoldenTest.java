package io.github.f2d4j.model.identity;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.testing.ModelFixture;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code msid_vit*.safetensors}: upstream's multi-scale vision transformer. */
class MsidVitGoldenTest {
  static List<Fixture> fixtures() {
    return Goldens.fixtures("msid_vit");
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void matchesUpstream(Fixture fixture) {
    ModelFixture golden = new ModelFixture(fixture, 3e-5, 1e-5);
    Weights weights = golden.weights();
    IdentityEncoder encoder = IdentityEncoder.of(golden.config(), weights);
    weights.verify();
    MsidViT msid = assertInstanceOf(MsidViT.class, encoder);
    Tensor image = golden.input("image");
    for (String name : golden.outputs()) {
      if (name.equals("out.mlfeat")) {
        golden.assertOutput("mlfeat", msid.encode(image));
      } else {
        // out.mlfeat_<name> is taken at the depths <name>_depthes.
        assertTrue(name.startsWith("out.mlfeat_"), fixture + ": unknown output " + name);
        String key = name.substring("out.mlfeat_".length()) + "_depthes";
        golden.assertOutput(
            name.substring("out.".length()),
            msid.extractMlfeat(image, integers(fixture.config().path(key))));
      }
    }
    TreeSet<Integer> depthes = new TreeSet<>(msid.config().extDepthes());
    depthes.add(msid.config().depth() - 1);
    golden.observe(() -> msid.extractMlfeat(image, depthes));
    golden.assertIntermediates();
  }

  private static List<Integer> integers(JsonNode list) {
    assertTrue(list.isArray(), "a list of depths, not " + list);
    return list.valueStream().map(JsonNode::intValue).toList();
  }
}
