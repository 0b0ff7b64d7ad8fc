package io.github.f2d4j.model.cli;

import io.github.f2d4j.model.image.PngWriter;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.IdentityWords;
import io.github.f2d4j.model.pipeline.ModelFolder;
import io.github.f2d4j.model.plan.InsufficientMemoryException;
import io.github.f2d4j.model.replay.Difference;
import io.github.f2d4j.model.replay.Replay;
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
import picocli.CommandLine.Parameters;

/** Makes a picture again. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description =
        "Make a picture of f2d generate again from the record in its file, byte for byte, or say"
            + " what is not as it was. A picture does not say who is in it unless it was made with"
            + " --embed-identity: give the photo or card again.",
    sortOptions = false)
final class ReplayCommand implements Callable<Integer> {
  @Parameters(paramLabel = "IMAGE", description = "PNG file that f2d generate wrote.")
  private Path image = Path.of("");

  @Mixin private IdentityOptions who = new IdentityOptions();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "PNG file to write the picture to that was made again (default: only compare).")
  private @Nullable Path output;

  @Option(
      names = "--force",
      description = "Make the picture although something differs, and see how it comes out.")
  private boolean force;

  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private MemoryOptions memory = new MemoryOptions();
  @Mixin private OutputOptions talk = new OutputOptions();

  @Override
  public Integer call() throws IOException {
    Console console = talk.console();
    if (output != null) {
      OutputFiles.requireWritable(List.of(output));
    }
    Replay replay = Replay.read(image);
    IdentityOptions.Ingredients ingredients = who.isGiven() ? who.read(console) : null;
    ModelFolder folder = model.open(console);
    if (ingredients != null || replay.record().words() != null) {
      requireFits(folder, replay.record().request());
    }
    Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(folder);
    IdentityWords words =
        replay.words(pipeline, ingredients == null ? null : ingredients.identity(pipeline));
    List<Difference> differences = replay.differences(pipeline, words);
    Replay.Outcome outcome = null;
    if (words != null && (force || differences.isEmpty())) {
      outcome = run(replay, pipeline, words, console);
    }
    report(console, differences, outcome);
    boolean same = outcome != null && outcome.samePixels();
    return (same ? ExitCode.OK : ExitCode.DIFFERENT).code();
  }

  private void requireFits(ModelFolder folder, GenerationRequest request) throws IOException {
    try {
      memory.plan(folder, request);
    } catch (InsufficientMemoryException e) {
      throw new InsufficientMemoryException(
          e.getMessage() + " (as another picture, by generate: replay makes it as it was)");
    } catch (IllegalArgumentException e) {
      // Another model than the picture's; what differs is about to be told.
    }
  }

  private Replay.Outcome run(
      Replay replay, Face2DiffusionPipeline pipeline, IdentityWords words, Console console)
      throws IOException {
    try (Interruption interruption = new Interruption()) {
      Replay.Outcome outcome;
      int total = pipeline.totalSteps(replay.record().request());
      try (Console.Progress bar = console.progress("Denoising", total)) {
        outcome =
            replay.run(pipeline, words, new ProgressListener(console, bar, interruption, 0, null));
      }
      if (output != null) {
        PngWriter.write(output, outcome.png());
      }
      return outcome;
    }
  }

  private void report(
      Console console, List<Difference> differences, Replay.@Nullable Outcome outcome) {
    List<String> lines = new ArrayList<>();
    List<Map<String, String>> listed = new ArrayList<>();
    for (Difference d : differences) {
      lines.add("differs: " + d);
      Map<String, String> row = new LinkedHashMap<>();
      row.put("ingredient", d.ingredient());
      row.put("recorded", d.recorded());
      row.put("here", d.here());
      row.put("remedy", d.remedy());
      listed.add(row);
    }
    lines.add(image + ": " + verdict(differences, outcome));
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("file", image.toString());
    object.put("made", outcome != null);
    object.put("same_bytes", outcome != null && outcome.sameBytes());
    object.put("same_pixels", outcome != null && outcome.samePixels());
    if (outcome != null && output != null) {
      object.put("output", output.toString());
    }
    object.put("differences", listed);
    console.result(String.join(System.lineSeparator(), lines), object);
  }

  private static String verdict(List<Difference> differences, Replay.@Nullable Outcome outcome) {
    if (outcome == null) {
      return "cannot be made again as it was: "
          + differences.size()
          + (differences.size() == 1 ? " ingredient differs" : " ingredients differ")
          + "; nothing was made (--force makes it all the same, if a face is known)";
    }
    if (outcome.sameBytes()) {
      return "made again, the same bytes";
    }
    if (outcome.samePixels()) {
      return "made again, the same pixels; the file differs in its texts or its compression";
    }
    return differences.isEmpty()
        ? "made again, but the pixels differ, although nothing recorded does: another build of the"
            + " same version, or a fault; please report it"
        : "made again, but the pixels differ";
  }
}
