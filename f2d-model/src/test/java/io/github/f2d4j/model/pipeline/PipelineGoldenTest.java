package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.random.NoiseSource;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.clip.ClipTextConfig;
import io.github.f2d4j.model.clip.ClipTextEncoder;
import io.github.f2d4j.model.mapping.MappingConfig;
import io.github.f2d4j.model.mapping.MappingNetwork;
import io.github.f2d4j.model.scheduler.SchedulerConfig;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import io.github.f2d4j.model.scheduler.SchedulerRun;
import io.github.f2d4j.model.unet.UNet2DConditionModel;
import io.github.f2d4j.model.unet.UNetConfig;
import io.github.f2d4j.model.vae.AutoencoderKl;
import io.github.f2d4j.model.vae.AutoencoderKlConfig;
import io.github.f2d4j.weights.testing.Close;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole way from an identity to a picture as upstream goes it: {@code pipeline*} fixtures,
 * whose weights lie in the sibling fixtures that their configuration names.
 */
class PipelineGoldenTest {
  private static final double ATOL_STATES = 5e-5;
  private static final double ATOL_LATENTS = 5e-3;
  private static final double ATOL_DECODED = 5e-4;

  static Stream<Fixture> fixtures() {
    return Goldens.fixtures("pipeline").stream();
  }

  private static Fixture sibling(Fixture f, String key) {
    String file = f.config().required(key).asText();
    return Goldens.fixture(file.substring(0, file.length() - ".safetensors".length()));
  }

  private static Weights weights(Fixture f) {
    return Checkpoint.of(f.weights(), Path.of("")).weights();
  }

  private static ConfigJson config(Fixture f, String key) {
    return ConfigJson.of(f.name(), f.config().required(key));
  }

  private static Tensor tensor(Fixture f, String name) {
    return Tensor.of(f.floats(name), f.shape(name));
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void everyOutputIsCompared(Fixture f) {
    Set<String> left = new TreeSet<>(f.names("out."));
    left.addAll(f.names("mid."));
    left.removeAll(
        Set.of(
            "out.word_first",
            "out.word_last",
            "out.encoder_hidden_states",
            "out.uncond_hidden_states",
            "mid.step0_noise_uncond",
            "mid.step0_noise_text",
            "mid.step0_noise_guided",
            "mid.latents_after_step",
            "out.final_latents",
            "out.decoded",
            "out.image"));
    assertEquals(Set.of(), left);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void wordsAndTextStatesAreUpstreams(Fixture f) {
    Fixture map = sibling(f, "map");
    Weights mapWeights = weights(map);
    MappingNetwork mapping =
        new MappingNetwork(
            mapWeights, MappingConfig.of(ConfigJson.of(map.name(), map.config()), mapWeights));
    MappingNetwork.Words mapped = mapping.map(tensor(f, "in.identity"));
    float[] first = mapped.first().toFloats();
    float[] last = mapped.last().toFloats();
    Close.assertClose("word_first", f.floats("out.word_first"), first, 1e-5, 0);
    Close.assertClose("word_last", f.floats("out.word_last"), last, 1e-5, 0);

    Fixture text = sibling(f, "text_encoder");
    ClipTextEncoder encoder =
        new ClipTextEncoder(weights(text), ClipTextConfig.of(config(text, "text_encoder")));
    int[] ids = f.ints("in.input_ids");
    int position = f.config().required("identifier_pos").asInt();
    assertEquals(f.config().required("identifier_token").asInt(), ids[position]);
    Tensor states =
        PromptEncoder.personalStates(encoder, ids, position, new IdentityWords(first, last));
    Close.assertClose(
        "text states", f.floats("out.encoder_hidden_states"), states.toFloats(), ATOL_STATES, 0);
    // The empty prompt: the beginning, then the end over and over.
    int[] empty = new int[ids.length];
    Arrays.fill(empty, ids[ids.length - 1]);
    empty[0] = ids[0];
    Close.assertClose(
        "text states of the empty prompt",
        f.floats("out.uncond_hidden_states"),
        PromptEncoder.plainStates(encoder, empty).toFloats(),
        ATOL_STATES,
        0);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void guidedStepsAndPictureAreUpstreams(Fixture f) {
    Fixture unetFixture = sibling(f, "unet");
    UNet2DConditionModel unet =
        new UNet2DConditionModel(weights(unetFixture), UNetConfig.of(config(unetFixture, "unet")));
    GuidedDenoiser denoiser = new GuidedDenoiser(unet);
    double guidance = f.config().required("guidance_scale").asDouble();
    Shape nchw = f.shape("in.init_noise");
    int images = f.config().required("num_images").asInt();
    assertEquals(images, nchw.dim(0));
    Tensor uncond = rows(tensor(f, "out.uncond_hidden_states"), images);
    Tensor text = rows(tensor(f, "out.encoder_hidden_states"), images);
    // Once as the pipeline has it, for all pictures together, and once for each apart.
    GuidedDenoiser.Prompts prompts =
        denoiser.read(Tensor.concat(0, uncond.slice(0, 0, 1), text.slice(0, 0, 1)).eval(), true);
    GuidedDenoiser.Prompts apart = denoiser.read(Tensor.concat(0, uncond, text).eval(), true);

    // The first prediction, by its parts.
    Tensor x = tensor(f, "in.init_noise").nchwToNhwc();
    SchedulerRun first = run(f);
    Tensor scaled = first.scaleModelInput(x.mul(first.initNoiseSigma()), 0).eval();
    double t = first.timestep(0);
    assertNoise(
        f,
        "uncond",
        denoiser.predict(scaled, t, denoiser.read(uncond.eval(), false), 1),
        ATOL_STATES);
    assertNoise(
        f, "text", denoiser.predict(scaled, t, denoiser.read(text.eval(), false), 1), ATOL_STATES);
    // Guidance g makes (1−g)·uncond + g·text: the errors of both add up.
    double atol = (2 * guidance + 1) * ATOL_STATES;
    assertNoise(f, "guided", denoiser.predict(scaled, t, prompts, guidance), atol);
    assertArrayEquals(
        denoiser.predict(scaled, t, prompts, guidance).toFloats(),
        denoiser.predict(scaled, t, apart, guidance).toFloats());

    // All steps.
    List<ReplayedNoise> streams = streams(f, nchw);
    LatentNoise noise =
        new LatentNoise(List.<NoiseSource>copyOf(streams), nchw.dim(2), nchw.dim(3), nchw.dim(1));
    DenoisingLoop loop = new DenoisingLoop(denoiser, run(f), noise, z -> List.of());
    List<Integer> kept = new ArrayList<>();
    f.config().required("latents_after_step_indices").forEach(i -> kept.add(i.asInt()));
    int size = Math.toIntExact(nchw.elements());
    float[] trajectory = new float[kept.size() * size];
    Tensor latents =
        loop.run(
            prompts,
            guidance,
            GenerationListener.NONE,
            (step, z) -> {
              int at = kept.indexOf(step);
              if (at >= 0) {
                System.arraycopy(z.nhwcToNchw().toFloats(), 0, trajectory, at * size, size);
              }
            });
    assertTrue(streams.stream().allMatch(ReplayedNoise::isUsedUp), "all noise must be drawn");
    Close.assertClose("latents", f.floats("mid.latents_after_step"), trajectory, ATOL_LATENTS, 0);
    Close.assertClose(
        "final latents",
        f.floats("out.final_latents"),
        latents.nhwcToNchw().toFloats(),
        ATOL_LATENTS,
        0);
    assertDecoded(f, latents);
  }

  private static void assertDecoded(Fixture f, Tensor latents) {
    Fixture vaeFixture = sibling(f, "vae");
    AutoencoderKl vae =
        new AutoencoderKl(weights(vaeFixture), AutoencoderKlConfig.of(config(vaeFixture, "vae")));
    assertEquals(
        (float) f.config().required("vae_scaling_factor").asDouble(), vae.config().scalingFactor());
    LatentDecoder decoder = new LatentDecoder(vae);
    Close.assertClose(
        "decoded",
        f.floats("out.decoded"),
        decoder.decode(latents, Tiles.NEVER).nhwcToNchw().toFloats(),
        ATOL_DECODED,
        0);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    decoder
        .images(latents, Tiles.NEVER, GenerationListener.NONE)
        .forEach(image -> bytes.writeBytes(image.rgb()));
    Close.assertClose("image", f.bytes("out.image"), bytes.toByteArray(), 1);
  }

  private static void assertNoise(Fixture f, String part, Tensor actual, double atol) {
    Close.assertClose(
        "noise of step 0, " + part,
        f.floats("mid.step0_noise_" + part),
        actual.nhwcToNchw().toFloats(),
        atol,
        1e-5);
  }

  private static SchedulerRun run(Fixture f) {
    JsonNode text = f.config().required("scheduler");
    String name = text.asText().replaceAll("[^A-Za-z].*", "");
    return SchedulerKind.parse(name + "Scheduler")
        .create(SchedulerConfig.stableDiffusion(), 0)
        .start(f.config().required("num_inference_steps").asInt());
  }

  private static Tensor rows(Tensor states, int n) {
    return states.dim(0) == n ? states : states.expand(n, states.dim(1), states.dim(2));
  }

  /** For each image its initial noise, then that of each step; both are [.., N,C,H,W]. */
  private static List<ReplayedNoise> streams(Fixture f, Shape nchw) {
    int n = nchw.dim(0);
    int one = Math.toIntExact(nchw.elements() / n);
    float[] initial = f.floats("in.init_noise");
    float[] steps = f.floats("in.noise");
    return IntStream.range(0, n)
        .mapToObj(
            i -> {
              ReplayedNoise stream =
                  new ReplayedNoise()
                      .then(Arrays.copyOfRange(initial, i * one, (i + 1) * one), one);
              for (int at = i * one; at < steps.length; at += n * one) {
                stream.then(Arrays.copyOfRange(steps, at, at + one), one);
              }
              return stream;
            })
        .toList();
  }
}
