package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.random.NoiseSource;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import io.github.f2d4j.model.scheduler.SchedulerRun;
import io.github.f2d4j.weights.safetensors.SafetensorsFile;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import io.github.f2d4j.weights.testing.Close;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The built-in model's reference runs, whole: from the aligned face to the picture. */
class DemoPipelineTest {
  // The references are float32 runs. Ten to twenty times the largest differences measured on the
  // CPU backend: 1.9e-6 at values up to 4.6, 9.0e-5 at values up to 60, 1.0e-5.
  private static final double ATOL_STATES = 2e-5;
  private static final double ATOL_LATENTS = 1e-3;
  private static final double ATOL_DECODED = 2e-4;

  static List<Path> cases() throws Exception {
    URI folder = DemoPipelineTest.class.getResource("/demo-expected").toURI();
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      List<Path> cases = files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList();
      assertFalse(cases.isEmpty(), "no cases in " + folder);
      return cases;
    }
  }

  private static Tensor tensor(TensorSource source, String name) {
    TensorEntry entry = source.get(name);
    return Tensor.of(entry.toFloats(), entry.shape());
  }

  private static GenerationRequest request(Map<String, String> settings) {
    return GenerationRequest.of(settings.get("prompt"))
        .steps(Integer.parseInt(settings.get("num_inference_steps")))
        .guidanceScale(Double.parseDouble(settings.get("guidance_scale")))
        .build();
  }

  private static ReplayedNoise noise(TensorSource expected) {
    int n = Math.toIntExact(expected.get("initial_noise").shape().elements());
    return new ReplayedNoise()
        .then(expected.get("initial_noise").toFloats(), n)
        .then(expected.get("ancestral_noise").toFloats(), n);
  }

  private static FaceIdentity identity(Face2DiffusionPipeline pipeline, TensorSource expected) {
    Tensor face = tensor(expected, "aligned_face").nchwToNhwc();
    return FaceIdentity.of(pipeline.parts().identityEncoder().encode(face).toFloats());
  }

  /** Through the public call alone, with the recorded noise. */
  @ParameterizedTest
  @MethodSource("cases")
  void pictureIsTheReferences(Path file) throws IOException {
    try (TensorSource expected = SafetensorsFile.open(file)) {
      assertEquals("null_exp", expected.metadata().get("expression"));
      ReplayedNoise noise = noise(expected);
      Face2DiffusionPipeline pipeline =
          Face2DiffusionPipeline.load(DemoModel.open().folder()).withNoise(seed -> noise);
      RgbImage image =
          pipeline
              .generate(identity(pipeline, expected), request(expected.metadata()))
              .images()
              .getFirst();
      assertTrue(noise.isUsedUp(), "all noise must be drawn");
      byte[] reference = expected.get("image").data().toArray(ValueLayout.JAVA_BYTE);
      Close.assertClose("image", reference, image.rgb(), 1);
      String png = file.getFileName().toString().replace(".safetensors", ".png");
      Close.assertClose(png, rgb(file.resolveSibling(png)), image.rgb(), 1);
    }
  }

  private static byte[] rgb(Path png) throws IOException {
    BufferedImage image = ImageIO.read(png.toFile());
    byte[] rgb = new byte[image.getWidth() * image.getHeight() * 3];
    for (int i = 0; i < rgb.length; i++) {
      int pixel = image.getRGB(i / 3 % image.getWidth(), i / 3 / image.getWidth());
      rgb[i] = (byte) (pixel >> (16 - 8 * (i % 3)));
    }
    return rgb;
  }

  /** Every recorded state on the way. */
  @ParameterizedTest
  @MethodSource("cases")
  void statesAreTheReferences(Path file) throws IOException {
    try (TensorSource expected = SafetensorsFile.open(file)) {
      Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(DemoModel.open().folder());
      PipelineParts parts = pipeline.parts();
      PromptEncoder prompts =
          new PromptEncoder(parts.tokenizer(), parts.textEncoder(), parts.defaults().identifier());
      Map<String, String> settings = expected.metadata();
      PromptEncoder.PersonalPrompt prompt =
          prompts.personal(settings.get("prompt"), DemoPipelineTest::unexpected);
      assertArrayEquals(longs(expected, "input_ids"), asLongs(prompt.tokens().ids()));
      assertEquals(Integer.parseInt(settings.get("identifier_position")), prompt.position());
      Tensor text = prompts.states(prompt, pipeline.words(identity(pipeline, expected)));
      assertClose(expected, "encoder_hidden_states", text, ATOL_STATES);
      var empty = prompts.plain("", DemoPipelineTest::unexpected);
      assertArrayEquals(longs(expected, "uncond_ids"), asLongs(empty.ids()));
      Tensor uncond = prompts.states(empty);
      assertClose(expected, "uncond_hidden_states", uncond, ATOL_STATES);

      SchedulerRun run =
          SchedulerKind.EULER_ANCESTRAL
              .create(parts.scheduler(), 0)
              .start(Integer.parseInt(settings.get("num_inference_steps")));
      assertArrayEquals(doubles(expected, "timesteps"), run.timesteps(), 1e-9);
      Close.assertClose("sigmas", expected.get("sigmas").toFloats(), run.sigmas(), 0, 2e-6);
      assertEquals(Float.parseFloat(settings.get("init_noise_sigma")), run.initNoiseSigma());
      Tensor states = Tensor.concat(0, uncond, text).eval();
      assertLatents(expected, parts, run, states);
    }
  }

  private static void assertLatents(
      TensorSource expected, PipelineParts parts, SchedulerRun run, Tensor states) {
    var shape = expected.get("initial_noise").shape(); // [1,C,h,w]
    GuidedDenoiser denoiser = new GuidedDenoiser(parts.unet());
    LatentNoise noise =
        new LatentNoise(
            List.<NoiseSource>of(noise(expected)), shape.dim(2), shape.dim(3), shape.dim(1));
    float[] latents = expected.get("latents").toFloats();
    int n = Math.toIntExact(shape.elements());
    double guidance = Double.parseDouble(expected.metadata().get("guidance_scale"));
    Tensor last =
        new DenoisingLoop(denoiser, run, noise, z -> List.of())
            .run(
                denoiser.read(states, true),
                guidance,
                GenerationListener.NONE,
                (i, z) ->
                    Close.assertClose(
                        "latents after step " + i,
                        Arrays.copyOfRange(latents, i * n, (i + 1) * n),
                        z.nhwcToNchw().toFloats(),
                        ATOL_LATENTS,
                        0));
    assertClose(expected, "final_latents", last.nhwcToNchw(), ATOL_LATENTS);
    Tensor decoded = new LatentDecoder(parts.vae()).decode(last, Tiles.NEVER);
    assertClose(expected, "decoded", decoded.nhwcToNchw(), ATOL_DECODED);
  }

  private static void unexpected(String warning) {
    throw new AssertionError(warning);
  }

  private static void assertClose(TensorSource expected, String name, Tensor actual, double atol) {
    assertEquals(expected.get(name).shape(), actual.shape(), name);
    Close.assertClose(name, expected.get(name).toFloats(), actual.toFloats(), atol, 0);
  }

  private static long[] asLongs(int[] ids) {
    return Arrays.stream(ids).asLongStream().toArray();
  }

  private static long[] longs(TensorSource source, String name) {
    return source
        .get(name)
        .data()
        .toArray(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
  }

  private static double[] doubles(TensorSource source, String name) {
    return source
        .get(name)
        .data()
        .toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
  }
}
