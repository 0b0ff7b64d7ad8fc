package io.github.f2d4j.model.cli;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.model.image.PngWriter;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.GenerationListener;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.GenerationResult;
import io.github.f2d4j.model.pipeline.IdentityWords;
import io.github.f2d4j.model.pipeline.ModelFolder;
import io.github.f2d4j.model.pipeline.SharedGeneration;
import io.github.f2d4j.model.pipeline.Stage;
import io.github.f2d4j.model.pipeline.Tiles;
import io.github.f2d4j.model.plan.GenerationPlan;
import io.github.f2d4j.model.replay.GenerationRecord;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes pictures of one face. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description = "Make pictures of the person in a photo, in the scene that a prompt describes.",
    sortOptions = false)
final class GenerateCommand implements Callable<Integer> {
  @Mixin private IdentityOptions who = new IdentityOptions();

  @Option(
      names = {"-p", "--prompt"},
      required = true,
      paramLabel = "TEXT",
      description =
          "What to show; \"f l\" stands where the person's name would, as in \"a photo of f l at"
              + " the beach\".")
  private String prompt = "";

  @Option(
      names = {"-n", "--negative-prompt"},
      paramLabel = "TEXT",
      description = "What not to show.")
  private String negativePrompt = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "PNG file to write (default: ${DEFAULT-VALUE}); several pictures are numbered.",
      defaultValue = "f2d.png")
  private Path output = Path.of("f2d.png");

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = {"-s", "--seed"},
      description = "Seed of the noise (default: ${DEFAULT-VALUE}); picture i has seed + i.",
      defaultValue = "0")
  private long seed;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "Number of pictures (default: 1).",
      defaultValue = "1")
  private int images = 1;

  @Option(names = "--steps", description = "Denoising steps (default: 30).")
  private @Nullable Integer steps;

  @Option(
      names = {"-g", "--guidance"},
      description = "How closely to follow the prompt (default: the model's, upstream 7).")
  private @Nullable Double guidance;

  @Option(names = "--width", description = "Width in pixels (default: the model's).")
  private @Nullable Integer width;

  @Option(names = "--height", description = "Height in pixels (default: the model's).")
  private @Nullable Integer height;

  @Option(
      names = "--scheduler",
      description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
      defaultValue = "EULER_ANCESTRAL")
  private SchedulerKind scheduler = SchedulerKind.EULER_ANCESTRAL;

  @Option(names = "--eta", description = "Noise of DDIM, 0 to 1 (default: 0).", defaultValue = "0")
  private double eta;

  @Mixin private ExpressionOptions expression = new ExpressionOptions();

  @Option(
      names = "--tiles",
      description =
          "Decode in tiles, which bounds memory: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}).",
      defaultValue = "AUTO")
  private Tiles tiles = Tiles.AUTO;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      split = ",",
      description =
          "What computes, as doctor lists it, or one of its devices, as in cuda:1. Several, as in"
              + " cuda:0,cuda:1, share the pictures among them (default: the best one).")
  private List<String> backends = List.of();

  @Option(
      names = "--embed-identity",
      description =
          "Put the two words of the person into the file, so that f2d replay needs no photo or"
              + " card. Whoever has the file can then make other pictures of the person.")
  private boolean embedIdentity;

  @Option(
      names = "--preview",
      paramLabel = "FILE",
      description = "Write a small preview of the first picture here after every step.")
  private @Nullable Path preview;

  @Mixin private MemoryOptions memory = new MemoryOptions();
  @Mixin private ProfileOptions profiling = new ProfileOptions();
  @Mixin private OutputOptions talk = new OutputOptions();

  @Override
  public Integer call() throws IOException {
    List<Backend> chosen = chosen();
    return chosen.isEmpty()
        ? run(List.of())
        : Backends.<Integer, IOException>calling(chosen.getFirst(), () -> run(chosen));
  }

  private List<Backend> chosen() {
    try {
      return backends.stream().map(Backends::get).toList();
    } catch (IllegalArgumentException e) {
      throw new UsageException(e);
    }
  }

  private Integer run(List<Backend> sharing) throws IOException {
    Console console = talk.console();
    List<Path> files = OutputFiles.of(output, images);
    OutputFiles.requireWritable(files);
    GenerationRequest request = request(expression.coefficients());
    RgbImage crop = expression.crop();
    IdentityOptions.Ingredients ingredients = who.read(console);
    ModelFolder folder = model.open(console);
    GenerationPlan plan = plan(folder, request);
    RunProfile profile = profiling.start();
    Face2DiffusionPipeline pipeline =
        profile.stage(Stage.Kind.LOAD, () -> Face2DiffusionPipeline.load(folder));
    long start = System.nanoTime();
    if (crop != null) {
      List<Float> read = ExpressionOptions.encode(pipeline, crop);
      request = request.toBuilder().expression(read).build();
    }
    GenerationRequest complete = pipeline.complete(request);
    FaceIdentity person = profile.stage(Stage.Kind.FACE, () -> ingredients.identity(pipeline));
    IdentityWords words =
        profile.stage(Stage.Kind.WORDS, () -> pipeline.words(person, complete.expression()));
    pipeline.parts().requireDigests().all(); // for the records; if it fails, then before the work
    GenerationResult result;
    double seconds;
    try (Interruption interruption = new Interruption()) {
      int total = pipeline.totalSteps(complete);
      try (Console.Progress bar = console.progress("Denoising", total)) {
        GenerationListener listener =
            profile.following(new ProgressListener(console, bar, interruption, 0, preview));
        result =
            profile.generation(
                () ->
                    sharing.size() < 2
                        ? pipeline.generate(words, complete, listener)
                        : new SharedGeneration(pipeline, sharing)
                            .generate(words, complete, listener));
      }
      seconds = (System.nanoTime() - start) * 1e-9;
      for (int i = 0; i < files.size(); i++) {
        GenerationRecord record = GenerationRecord.of(pipeline, words, result, i);
        record = embedIdentity ? record.withIdentity(words) : record;
        PngWriter.write(files.get(i), result.images().get(i), record.texts());
      }
    }
    report(console, files, result, profile, plan, seconds);
    return ExitCode.OK.code();
  }

  private GenerationRequest request(@Nullable List<Float> coefficients) {
    try {
      return new GenerationRequest(
          prompt,
          negativePrompt,
          steps,
          guidance,
          width,
          height,
          seed,
          images,
          scheduler,
          eta,
          coefficients,
          tiles);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e);
    }
  }

  private GenerationPlan plan(ModelFolder folder, GenerationRequest request) throws IOException {
    try {
      return memory.plan(folder, request);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e);
    }
  }

  private static void report(
      Console console,
      List<Path> files,
      GenerationResult result,
      RunProfile profile,
      GenerationPlan plan,
      double seconds) {
    List<Map<String, Object>> pictures = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      Map<String, Object> picture = new LinkedHashMap<>();
      picture.put("file", files.get(i).toString());
      picture.put("seed", result.seeds().get(i));
      picture.put("width", result.images().get(i).width());
      picture.put("height", result.images().get(i).height());
      pictures.add(picture);
      lines.add(files.get(i) + "  (seed " + result.seeds().get(i) + ")");
    }
    lines.add("Took " + Console.time(result.elapsed()));
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("images", pictures);
    object.put("prompt", result.request().prompt());
    object.put("steps", result.request().steps());
    object.put("guidance", result.request().guidanceScale());
    object.put("scheduler", result.request().scheduler().name());
    object.put("seconds", result.elapsed().toMillis() / 1e3);
    object.put("warnings", result.warnings());
    object.put("measured", takings(Machine.peakResidentBytes(), seconds));
    object.put("planned", takings(plan.memory().residentBytes(), plan.seconds()));
    profile.report(lines, object);
    console.result(String.join(System.lineSeparator(), lines), object);
  }

  /** Memory at the peak, and the time from the loaded model to the pictures. */
  private static Map<String, Object> takings(@Nullable Long bytes, @Nullable Double seconds) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("resident_bytes", bytes);
    object.put("seconds", seconds);
    return object;
  }
}
