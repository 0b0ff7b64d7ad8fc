package io.github.f2d4j.gpubundle;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.gpubundle.Step.Precision;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.image.PngWriter;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.FaceInput;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Whole pictures: the demonstration model's on CUDA and on the CPU are the same but for rounding,
 * the same seed gives the same picture twice; and the time from a prompt to a PNG of 512×512 by a
 * random model of Stable Diffusion 1.4's size, 30 steps with guidance.
 */
final class PictureRun {
  /** In float32, of 255 levels. */
  private static final int LEVELS = 2;

  /** Of an aligned face. */
  private static final int SIZE = 112;

  /** What the published mapping takes. */
  private static final int FEATURES = 1536;

  private PictureRun() {}

  static int run(Events events, Precision precision, String backend, Scale scale) throws Exception {
    List<String> obstacles = GoldenRun.obstacles(backend);
    if (!obstacles.isEmpty()) {
      events.notPossible(obstacles);
      return 0;
    }
    Backend tried = Backends.get(backend);
    events.fact("backend", tried.describe());
    String picture = "%dx%d, %d steps, guidance".formatted(scale.size, scale.size, scale.steps);
    attempt(
        events, "the demonstration model's picture", () -> demo(events, precision, tried, scale));
    attempt(events, picture, () -> timed(events, picture, tried, scale));
    return 0;
  }

  private interface Body {
    void run() throws Exception;
  }

  private static void attempt(Events events, String name, Body body) throws Exception {
    events.start(name);
    try {
      body.run();
      events.pass();
    } catch (AssertionError | IOException | RuntimeException e) {
      events.fail(e.toString());
    }
  }

  private static void demo(Events events, Precision precision, Backend tried, Scale scale)
      throws Exception {
    GenerationRequest request =
        GenerationRequest.of("a photo of f l").steps(scale.demoSteps).seed(7).build();
    Path folder = DemoModel.open().folder();
    RgbImage cpu = Backends.using(Backends.get("cpu"), () -> picture(folder, request));
    RgbImage cuda = Backends.using(tried, () -> picture(folder, request));
    RgbImage again = Backends.using(tried, () -> picture(folder, request));
    if (!cuda.equals(again)) {
      throw new AssertionError("the same seed gave two pictures");
    }
    int largest = 0;
    for (int i = 0; i < cpu.rgb().length; i++) {
      largest = Math.max(largest, Math.abs((cpu.rgb()[i] & 255) - (cuda.rgb()[i] & 255)));
    }
    events.fact("largest difference from the CPU's picture, levels", largest);
    if (precision == Precision.F32 && largest > LEVELS) {
      throw new AssertionError("a channel differs by " + largest + " levels from the CPU's");
    }
  }

  private static RgbImage picture(Path folder, GenerationRequest request) throws Exception {
    try (Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(folder)) {
      FaceIdentity face = pipeline.encode(FaceInput.aligned(drawn()));
      return pipeline.generate(face, request).images().getFirst();
    }
  }

  /** No face, but something that differs everywhere. */
  private static RgbImage drawn() {
    byte[] rgb = new byte[SIZE * SIZE * RgbImage.CHANNELS];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i * 7 / SIZE + i % 51);
    }
    return RgbImage.of(SIZE, SIZE, rgb);
  }

  /** Features as the identity encoder could give them. */
  private static FaceIdentity anybody() {
    Random random = new Random(1);
    float[] features = new float[FEATURES];
    for (int i = 0; i < features.length; i++) {
      features[i] = (float) random.nextGaussian();
    }
    return FaceIdentity.of(features);
  }

  private static void timed(Events events, String picture, Backend tried, Scale scale)
      throws Exception {
    Path model = RandomModels.of(scale);
    GenerationRequest request =
        GenerationRequest.of("a photo of f l")
            .size(scale.size, scale.size)
            .steps(scale.steps)
            .seed(7)
            .build();
    Path png = model.resolveSibling("picture.png");
    List<Double> seconds = new ArrayList<>();
    Backends.using(
        tried,
        () -> {
          try (Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(model)) {
            FaceIdentity face = anybody();
            for (int i = 0; i <= scale.pictures; i++) {
              long start = System.nanoTime();
              PngWriter.write(png, pipeline.generate(face, request).images().getFirst());
              seconds.add((System.nanoTime() - start) / 1e9);
            }
          }
          return null;
        });
    double first = seconds.removeFirst();
    double[] rest = seconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("what", "prompt to PNG, " + picture);
    row.put("s", rest[rest.length / 2]);
    row.put("min s", rest[0]);
    row.put("max s", Arrays.stream(rest).max().orElseThrow());
    row.put("first s", first);
    events.row(row);
  }
}
