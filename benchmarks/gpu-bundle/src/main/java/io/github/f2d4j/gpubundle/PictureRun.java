package io.github.f2d4j.gpubundle;

import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.gpubundle.Step.Precision;
import io.github.f2d4j.model.cli.F2d;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.image.PngWriter;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.FaceInput;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import java.io.IOException;
import java.nio.file.Files;
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

  private static final int RUNS = 5;

  private PictureRun() {}

  static int run(Events events, Precision precision) throws Exception {
    List<String> obstacles = GoldenRun.cudaObstacles();
    if (!obstacles.isEmpty()) {
      events.notPossible(obstacles);
      return 0;
    }
    events.fact("backend", Backends.get("cuda").describe());
    attempt(events, "the demonstration model's picture", () -> demo(events, precision));
    attempt(events, "512x512, 30 steps, guidance", () -> timed(events));
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

  private static void demo(Events events, Precision precision) throws Exception {
    GenerationRequest request = GenerationRequest.of("a photo of f l").steps(20).seed(7).build();
    Path folder = DemoModel.open().folder();
    RgbImage cpu = Backends.using(Backends.get("cpu"), () -> picture(folder, request));
    RgbImage cuda = Backends.using(Backends.get("cuda"), () -> picture(folder, request));
    RgbImage again = Backends.using(Backends.get("cuda"), () -> picture(folder, request));
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

  private static void timed(Events events) throws Exception {
    Path model = randomModel();
    GenerationRequest request =
        GenerationRequest.of("a photo of f l").size(512, 512).steps(30).seed(7).build();
    Path png = model.resolveSibling("picture.png");
    List<Double> seconds = new ArrayList<>();
    Backends.using(
        Backends.get("cuda"),
        () -> {
          try (Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(model)) {
            FaceIdentity face = anybody();
            for (int i = 0; i <= RUNS; i++) {
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
    row.put("what", "prompt to PNG, 512x512, 30 steps, guidance");
    row.put("s", rest[rest.length / 2]);
    row.put("min s", rest[0]);
    row.put("max s", Arrays.stream(rest).max().orElseThrow());
    row.put("first s", first);
    events.row(row);
  }

  /** A model of full size, written once for all steps. */
  static Path randomModel() throws IOException, InterruptedException {
    Path folder = Path.of(System.getProperty("java.io.tmpdir", ""), "random-model");
    if (Files.exists(folder)) {
      return folder;
    }
    Path unfinished = folder.resolveSibling("random-model-" + ProcessHandle.current().pid());
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-Djava.io.tmpdir=" + folder.getParent(),
                "-cp",
                System.getProperty("java.class.path", ""),
                F2d.class.getName(),
                "make-random-model",
                "--output",
                unfinished.toString())
            .inheritIO()
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("no random model could be written; see this step's log");
    }
    return Files.move(unfinished, folder);
  }
}
