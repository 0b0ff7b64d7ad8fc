package io.github.f2d4j.model.cli;

import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.face.Landmarks;
import io.github.f2d4j.model.image.ContactSheet;
import io.github.f2d4j.model.image.ImageReader;
import io.github.f2d4j.model.image.PngWriter;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.FaceInput;
import io.github.f2d4j.model.pipeline.GenerationListener;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.GenerationResult;
import io.github.f2d4j.model.pipeline.Stage;
import io.github.f2d4j.model.replay.Xmp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the whole way with what is built in: faces, prompts, pictures, a labelled sheet. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Put three built-in faces into several scenes with the built-in demonstration model and"
            + " write a labelled contact sheet.")
final class DemoCommand implements Callable<Integer> {
  /** The built-in people whose features the model keeps best. */
  private static final List<String> FACES = List.of("face_2", "face_4", "face_5");

  private static final List<String> PROMPTS =
      List.of(
          "a photo of f l at the beach",
          "a photo of f l in a forest",
          "a photo of f l in the snow",
          "a photo of f l in space",
          "a photo of f l wearing a red shirt in the desert",
          "a pencil sketch of f l");

  private static final int CELL = 192;
  private static final long SEED = 1;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "PNG file to write (default: ${DEFAULT-VALUE}).",
      defaultValue = "f2d-demo.png")
  private Path output = Path.of("f2d-demo.png");

  @Mixin private ProfileOptions profiling = new ProfileOptions();
  @Mixin private OutputOptions talk = new OutputOptions();

  @Override
  public Integer call() throws IOException {
    Console console = talk.console();
    OutputFiles.requireWritable(List.of(output));
    DemoModel demo = DemoModel.open();
    RunProfile profile = profiling.start();
    Face2DiffusionPipeline pipeline =
        profile.stage(Stage.Kind.LOAD, () -> Face2DiffusionPipeline.load(demo.folder()));
    ContactSheet sheet = new ContactSheet(CELL, "reference", PROMPTS);
    long start = System.nanoTime();
    try (Interruption interruption = new Interruption()) {
      fill(sheet, demo, pipeline, profile, console, interruption);
      PngWriter.write(output, sheet.render(), Xmp.texts());
    }
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    int pictures = FACES.size() * PROMPTS.size();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("file", output.toString());
    object.put("pictures", pictures);
    object.put("seconds", elapsed.toMillis() / 1e3);
    String line =
        "%s: %d pictures of drawn faces in %s".formatted(output, pictures, Console.time(elapsed));
    console.result(profile.report(line, object), object);
    return ExitCode.OK.code();
  }

  private static void fill(
      ContactSheet sheet,
      DemoModel demo,
      Face2DiffusionPipeline pipeline,
      RunProfile profile,
      Console console,
      Interruption interruption)
      throws IOException {
    GenerationRequest first = pipeline.complete(request(PROMPTS.getFirst()));
    int steps = pipeline.totalSteps(first);
    long total = (long) steps * FACES.size() * PROMPTS.size();
    long done = 0;
    try (Console.Progress bar = console.progress("Demo", total)) {
      for (String name : FACES) {
        DemoModel.SampleFace sample = demo.face(name);
        RgbImage photo = ImageReader.read(sample.image());
        FaceIdentity identity =
            profile.stage(
                Stage.Kind.FACE,
                () -> pipeline.encode(FaceInput.photo(photo, Landmarks.read(sample.landmarks()))));
        List<RgbImage> pictures = new ArrayList<>();
        for (String prompt : PROMPTS) {
          GenerationListener listener =
              profile.following(new ProgressListener(console, bar, interruption, done, null));
          GenerationResult result =
              profile.generation(() -> pipeline.generate(identity, request(prompt), listener));
          pictures.addAll(result.images());
          done += steps;
        }
        sheet.addRow(name, photo, pictures);
      }
    }
  }

  private static GenerationRequest request(String prompt) {
    return GenerationRequest.of(prompt).seed(SEED).build();
  }
}
