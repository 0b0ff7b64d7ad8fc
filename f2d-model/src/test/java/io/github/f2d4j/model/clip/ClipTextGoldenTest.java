package io.github.f2d4j.model.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.testing.Reference;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every fixture {@code clip_text*}: states, injection, pooling and all intermediates. */
class ClipTextGoldenTest {
  private static final double ATOL = 5e-5;
  private static final double RTOL = 1e-5;

  static List<Fixture> fixtures() {
    return Goldens.fixtures("clip_text");
  }

  private static ClipTextEncoder model(Fixture fixture) {
    ConfigJson json = ConfigJson.of(fixture.name(), fixture.config().required("text_encoder"));
    Weights w = Checkpoint.of(fixture.weights(), Path.of("")).weights();
    ClipTextEncoder clip = new ClipTextEncoder(w, ClipTextConfig.of(json));
    w.verify();
    return clip;
  }

  private static long[][] ids(Fixture fixture) {
    int length = fixture.shape("in.input_ids").dim(1);
    long[] flat = fixture.longs("in.input_ids");
    long[][] ids = new long[flat.length / length][length];
    for (int i = 0; i < flat.length; i++) {
      ids[i / length][i % length] = flat[i];
    }
    return ids;
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void lastHiddenStateAndPooled(Fixture fixture) {
    ClipTextEncoder clip = model(fixture);
    long[][] ids = ids(fixture);
    Tensor states = clip.encode(clip.embed(ids)).eval();
    Reference.assertClose(fixture, "out.last_hidden_state", states, ATOL, RTOL);
    Reference.assertClose(fixture, "out.pooled", ClipTextEncoder.pooled(states, ids), ATOL, RTOL);
    long[] ends = fixture.longs("out.eot_position");
    for (int i = 0; i < ends.length; i++) {
      assertEquals(ends[i], ClipTextEncoder.endPosition(ids[i]), "end of prompt " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void injectedStates(Fixture fixture) {
    ClipTextEncoder clip = model(fixture);
    Tensor hidden = injected(fixture, clip, clip.embed(ids(fixture)));
    Reference.assertClose(
        fixture, "out.injected_last_hidden_state", clip.encode(hidden), ATOL, RTOL);
  }

  private static Tensor injected(Fixture fixture, ClipTextEncoder clip, Tensor hidden) {
    long[] rows = fixture.longs("in.inject_rows");
    long[] positions = fixture.longs("in.inject_pos");
    Tensor vectors = Reference.tensor(fixture, "in.inject_vectors"); // [R,2,C]
    for (int r = 0; r < rows.length; r++) {
      Tensor words = vectors.slice(0, r, r + 1);
      int width = words.dim(2);
      hidden =
          clip.inject(
              hidden,
              (int) rows[r],
              (int) positions[r],
              words.slice(1, 0, 1).reshape(width),
              words.slice(1, 1, 2).reshape(width));
    }
    return hidden;
  }

  /** They are those of the first prompts, without injection but for the one that says so. */
  @ParameterizedTest
  @MethodSource("fixtures")
  void intermediates(Fixture fixture) {
    ClipTextEncoder clip = model(fixture);
    Map<String, Tensor> observed = new HashMap<>();
    Reference.observe(() -> clip.encode(clip.embed(ids(fixture))))
        .forEach((path, value) -> observed.put(path.replaceFirst("^text_model\\.", ""), value));
    observed.put("inputs_embeds_injected", injected(fixture, clip, observed.get("embeddings")));
    for (String mid : fixture.names("mid.")) {
      int rows = fixture.shape(mid).dim(0);
      Map<String, Tensor> first = new HashMap<>(observed);
      first.replaceAll((path, value) -> value.slice(0, 0, Math.min(rows, value.dim(0))));
      Reference.assertMidClose(fixture, mid, first, ATOL, RTOL);
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void everyOutputIsCompared(Fixture fixture) {
    TreeSet<String> outputs = new TreeSet<>(fixture.names("out."));
    outputs.removeIf(name -> name.startsWith("out.grad"));
    outputs.removeAll(
        List.of(
            "out.last_hidden_state",
            "out.pooled",
            "out.eot_position",
            "out.injected_last_hidden_state"));
    assertTrue(outputs.isEmpty(), "not compared: " + outputs);
  }
}
