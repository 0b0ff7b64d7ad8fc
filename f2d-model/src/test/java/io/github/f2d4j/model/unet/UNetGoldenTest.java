package io.github.f2d4j.model.unet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.testing.Reference;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every fixture {@code unet*}: all cases and all intermediates. */
class UNetGoldenTest {
  private static final double ATOL = 5e-5;
  private static final double RTOL = 1e-5;

  @TestFactory
  List<DynamicTest> fixtures() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Fixture fixture : Goldens.fixtures("unet")) {
      UNet2DConditionModel unet = model(fixture);
      TreeSet<String> outputs = new TreeSet<>(fixture.names("out."));
      outputs.removeIf(name -> name.startsWith("out.grad"));
      boolean[] mids = {fixture.names("mid.").isEmpty()};
      for (JsonNode c : fixture.config().required("cases")) {
        String out = c.required("out").textValue();
        outputs.remove(out);
        mids[0] |= c.has("mids");
        tests.add(DynamicTest.dynamicTest(fixture + " " + out, () -> check(fixture, unet, c)));
      }
      tests.add(
          DynamicTest.dynamicTest(
              fixture + " has a case for every tensor",
              () -> {
                assertTrue(outputs.isEmpty(), "no case gives " + outputs);
                assertTrue(mids[0], "no case gives the mid.* tensors");
              }));
    }
    return tests;
  }

  private static UNet2DConditionModel model(Fixture fixture) {
    ConfigJson json = ConfigJson.of(fixture.name(), fixture.config().required("unet"));
    Weights w = Checkpoint.of(fixture.weights(), Path.of("")).weights();
    UNet2DConditionModel unet = new UNet2DConditionModel(w, UNetConfig.of(json));
    w.verify();
    return unet;
  }

  private static void check(Fixture fixture, UNet2DConditionModel unet, JsonNode c) {
    Tensor sample = Reference.image(fixture, c.required("sample").textValue());
    Tensor text = Reference.tensor(fixture, c.required("encoder_hidden_states").textValue());
    Tensor timesteps = timesteps(c.required("timestep"), sample.dim(0));
    String out = c.required("out").textValue();
    if (!c.has("mids")) {
      Reference.assertClose(fixture, out, unet.forward(sample, timesteps, text), ATOL, RTOL);
      return;
    }
    Map<String, Tensor> observed = Reference.observe(() -> unet.forward(sample, timesteps, text));
    for (String mid : fixture.names("mid.")) {
      Reference.assertMidClose(fixture, mid, observed, ATOL, RTOL);
    }
    Reference.assertClose(fixture, out, observed.get(""), ATOL, RTOL);
  }

  /** One number for all rows, or one for each. */
  private static Tensor timesteps(JsonNode t, int rows) {
    float[] values = new float[rows];
    if (t.isArray()) {
      assertEquals(rows, t.size(), "timesteps");
      for (int i = 0; i < rows; i++) {
        values[i] = (float) t.get(i).asDouble();
      }
    } else {
      assertTrue(t.isNumber(), "timestep " + t);
      Arrays.fill(values, (float) t.doubleValue());
    }
    return Tensor.of(values, rows);
  }
}
