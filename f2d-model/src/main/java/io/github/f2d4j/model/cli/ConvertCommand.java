package io.github.f2d4j.model.cli;

import io.github.f2d4j.model.layout.NetworkCheck;
import io.github.f2d4j.model.layout.Sd14;
import io.github.f2d4j.weights.convert.Conversion;
import io.github.f2d4j.weights.convert.ConversionOptions;
import io.github.f2d4j.weights.convert.ConversionRecord;
import io.github.f2d4j.weights.convert.ConversionResult;
import io.github.f2d4j.weights.convert.FolderVerification;
import io.github.f2d4j.weights.convert.ModelLayout;
import io.github.f2d4j.weights.convert.RangeReport;
import io.github.f2d4j.weights.convert.TargetType;
import java.io.IOException;
import java.nio.file.Files;
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

/** Makes a model folder of published checkpoints. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    description = {
      "Make a model folder of published checkpoints, or add parts to one.",
      "Recognised by content: Stable Diffusion 1.x in one file (.safetensors, .ckpt) or in"
          + " diffusers folders (safetensors, sharded, .bin), an autoencoder alone,"
          + " Face2Diffusion's msid.pt and mapping.pt, insightface's iresnet (.pt, .pth),"
          + " Deep3DFaceRecon (.pth). An interrupted conversion goes on when the same command is"
          + " run again."
    },
    sortOptions = false)
final class ConvertCommand implements Callable<Integer> {
  private static final List<String> NEEDED =
      List.of("tokenizer", "text_encoder", "unet", "vae", "scheduler", "msid", "mapping");

  @Parameters(
      paramLabel = "INPUT",
      arity = "0..*",
      description =
          "Checkpoint files, folders that hold one, or model folders in diffusers layout.")
  private List<Path> inputs = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FOLDER",
      description = "Model folder to write, or to add parts to.")
  private @Nullable Path output;

  @Option(
      names = "--dtype",
      description =
          "Element type to write: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). A value"
              + " that is too large for it is refused.",
      defaultValue = "KEEP")
  private TargetType dtype = TargetType.KEEP;

  @Option(
      names = "--layout",
      paramLabel = "FOLDER",
      description =
          "Take config.json files, tokenizer and scheduler from this folder in diffusers layout"
              + " (default: the inputs' own, then those of Stable Diffusion 1.4 and CLIP"
              + " ViT-L/14).")
  private @Nullable Path layout;

  @Option(
      names = "--ema",
      description = "Take the running averages (model_ema) of a single file for the denoiser.")
  private boolean ema;

  @Option(
      names = "--prediction-type",
      paramLabel = "TYPE",
      description =
          "What the denoiser of a fine-tuned model predicts: epsilon or v_prediction (default: as"
              + " the scheduler's settings say, epsilon for a single file).",
      defaultValue = "")
  private String predictionType = "";

  @Option(
      names = "--overwrite",
      description = "Replace other files of the same names in the output folder.")
  private boolean overwrite;

  @Option(
      names = "--verify",
      paramLabel = "FOLDER",
      description =
          "Convert nothing; compare every file of a converted folder with its "
              + ConversionRecord.NAME
              + ".")
  private @Nullable Path verify;

  @Mixin private OutputOptions talk = new OutputOptions();

  @Override
  public Integer call() throws IOException {
    Console console = talk.console();
    if (verify != null) {
      return verified(console, verify);
    }
    Path folder = output;
    if (inputs.isEmpty() || folder == null) {
      throw new UsageException(
          "convert needs one or more inputs and -o FOLDER, or --verify FOLDER; f2d help convert"
              + " lists the options");
    }
    if (!List.of("", "epsilon", "v_prediction").contains(predictionType)) {
      throw new UsageException(
          "--prediction-type is " + predictionType + "; expected epsilon or v_prediction");
    }
    ConversionResult result;
    try (Interruption interruption = new Interruption()) {
      ConversionOptions options =
          ConversionOptions.withDefaults(Sd14.layout())
              .layout(layout == null ? ModelLayout.empty() : ModelLayout.ofFolder(layout))
              .dtype(dtype)
              .ema(ema)
              .predictionType(predictionType)
              .overwrite(overwrite)
              .check(new NetworkCheck())
              .stop(interruption::isAsked);
      result = new Conversion(inputs, folder, options).run(console::say);
    }
    report(console, result);
    return ExitCode.OK.code();
  }

  private static void report(Console console, ConversionResult result) {
    List<String> warnings = new ArrayList<>(result.notes());
    result.ranges().forEach((file, range) -> addLoss(warnings, file, range));
    List<String> missing =
        NEEDED.stream().filter(part -> !Files.isDirectory(result.folder().resolve(part))).toList();
    if (!missing.isEmpty()) {
      warnings.add(
          result.folder()
              + " is no complete model yet: it lacks "
              + String.join(", ", missing)
              + "; add them with f2d convert INPUT -o "
              + result.folder());
    }
    warnings.forEach(console::warn);
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("folder", result.folder().toString());
    object.put("complete", missing.isEmpty());
    object.put("missing", missing);
    object.put("reused", result.reused());
    object.put("warnings", warnings);
    object.put("record", result.record().toJson());
    console.result(
        "%s  (%d files, hashes in %s)"
            .formatted(result.folder(), result.record().files().size(), ConversionRecord.NAME),
        object);
  }

  private static void addLoss(List<String> warnings, String file, RangeReport.Summary range) {
    if (range.vanished() + range.subnormal() > 0) {
      warnings.add(
          "%s: of %d values %d were too small for the type and became 0, and %d lost digits; most in %s"
              .formatted(
                  file,
                  range.elements(),
                  range.vanished(),
                  range.subnormal(),
                  range.worst().stream().map(RangeReport::key).toList()));
    }
  }

  private static int verified(Console console, Path folder) throws IOException {
    FolderVerification v = FolderVerification.of(folder);
    List<String> lines = new ArrayList<>();
    v.missing().forEach(f -> lines.add("missing  " + f));
    v.changed().forEach(f -> lines.add("changed  " + f));
    v.added().forEach(f -> lines.add("added    " + f));
    if (!v.complete()) {
      lines.add("the conversion was interrupted; run it again to go on");
    }
    lines.add(
        v.isGood()
            ? folder + ": all " + v.good().size() + " recorded files are as they were written"
            : folder + ": not as it was written; " + v.good().size() + " files are");
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("folder", folder.toString());
    object.put("good", v.isGood());
    object.put("complete", v.complete());
    object.put("missing", v.missing());
    object.put("changed", v.changed());
    object.put("added", v.added());
    object.put("unchanged", v.good());
    console.result(String.join(System.lineSeparator(), lines), object);
    return (v.isGood() ? ExitCode.OK : ExitCode.MODEL).code();
  }
}
