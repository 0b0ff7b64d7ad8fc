package io.github.f2d4j.model.unet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.testing.Reference;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class UNet2DConditionModelTest {
  private final Fixture fixture = Goldens.fixtures("unet").getFirst();
  private final ObjectNode config = fixture.config().required("unet").deepCopy();
  private final Tensor sample = Reference.image(fixture, "in.sample[0:1]");
  private final Tensor text = Reference.tensor(fixture, "in.encoder_hidden_states[0:1]");
  private final Tensor timesteps = Tensor.of(new float[] {981}, 1);

  private Map<String, Tensor> tensors() {
    return Checkpoint.of(fixture.weights(), Path.of("")).tensors();
  }

  private UNet2DConditionModel model(Map<String, Tensor> tensors) {
    Weights w = Weights.of(fixture.name(), tensors);
    UNet2DConditionModel unet =
        new UNet2DConditionModel(w, UNetConfig.of(ConfigJson.of(fixture.name(), config)));
    w.verify();
    return unet;
  }

  /** Stable Diffusion 2.x keeps as matrices what 1.x keeps as 1×1 kernels. */
  @Test
  void linearProjectionsGiveTheValuesOfConvolutions() {
    float[] expected = model(tensors()).forward(sample, timesteps, text).toFloats();
    Map<String, Tensor> linear = new TreeMap<>(tensors());
    int[] changed = {0};
    linear.replaceAll(
        (key, t) -> {
          boolean projection = key.matches(".*attentions\\.\\d+\\.proj_(in|out)\\.weight");
          changed[0] += projection ? 1 : 0;
          return projection ? t.reshape(t.dim(0), t.dim(1)) : t;
        });
    assertTrue(changed[0] > 0, "projections");
    config.put("use_linear_projection", true);
    assertArrayEquals(expected, model(linear).forward(sample, timesteps, text).toFloats(), 1e-5f);
  }

  @Test
  void theSampleIsCentredIfTheConfigurationSaysSo() {
    Tensor unit = sample.mul(0.1f).add(0.5f);
    float[] expected = model(tensors()).forward(unit.affine(2f, -1f), timesteps, text).toFloats();
    config.put("center_input_sample", true);
    assertArrayEquals(expected, model(tensors()).forward(unit, timesteps, text).toFloats(), 1e-5f);
  }

  @Test
  void aCompiledStepGivesTheBitsOfALazyOne() {
    UNet2DConditionModel unet = model(tensors());
    CompiledFunction step =
        CompiledFunction.of(
            in -> List.of(unet.forward(in.get(0), in.get(1), in.get(2))),
            sample.type(),
            timesteps.type(),
            text.type());
    float[] expected = unet.forward(sample, timesteps, text).toFloats();
    for (int run = 0; run < 2; run++) {
      assertArrayEquals(expected, step.call(sample, timesteps, text).getFirst().toFloats());
    }
  }

  @Test
  void anImageDoesNotDependOnItsBatch() {
    UNet2DConditionModel unet = model(tensors());
    Tensor alone = unet.forward(sample, timesteps, text);
    Tensor other = sample.mul(-2f);
    Tensor both =
        unet.forward(
            Tensor.concat(0, other, sample),
            Tensor.of(new float[] {1, 981}, 2),
            Tensor.concat(0, text.mul(0.5f), text));
    assertEquals(2, both.dim(0));
    assertArrayEquals(alone.toFloats(), both.slice(0, 1, 2).toFloats());
  }

  /** One text and one time for all images give the bits of a text and a time for each. */
  @Test
  void imagesShareATextAndATime() {
    UNet2DConditionModel unet = model(tensors());
    Tensor samples = Tensor.concat(0, sample, sample.mul(-2f), sample.mul(0.5f), sample.add(1f));
    Tensor other = text.mul(0.5f);
    float[] expected =
        unet.forward(
                samples,
                Tensor.of(new float[] {981, 981, 981, 981}, 4),
                Tensor.concat(0, text, text, other, other))
            .toFloats();
    Tensor texts = Tensor.concat(0, text, other);
    assertArrayEquals(expected, unet.forward(samples, timesteps, texts).toFloats());
    List<Tensor> keysValues = unet.keysValues(texts);
    Tensor.eval(keysValues);
    assertArrayEquals(expected, unet.forward(samples, timesteps, keysValues).toFloats());
  }

  @Test
  void conditionsThatDoNotFitAreRefused() {
    UNet2DConditionModel unet = model(tensors());
    Tensor two = Tensor.concat(0, sample, sample);
    Tensor three = Tensor.concat(0, text, text, text);
    assertRefused(() -> unet.forward(two, timesteps, three), "[3,");
    assertRefused(
        () -> unet.forward(two, timesteps, unet.keysValues(text).subList(1, 2)), "layers");
    assertRefused(() -> unet.keysValues(text.slice(2, 0, 1)), "text states");
    assertRefused(
        () -> unet.forward(Tensor.concat(0, two, sample), Tensor.of(new float[] {1, 2}, 2), text),
        "timesteps");
  }

  private static void assertRefused(Executable call, String word) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(String.valueOf(message).contains(word), message);
  }
}
