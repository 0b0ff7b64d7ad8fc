package io.github.f2d4j.model.cli;

import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.ModelFolder;
import io.github.f2d4j.model.pipeline.Tiles;
import io.github.f2d4j.model.plan.Calibration;
import io.github.f2d4j.model.plan.CalibrationStore;
import io.github.f2d4j.model.plan.Calibrations;
import io.github.f2d4j.model.plan.GenerationPlan;
import io.github.f2d4j.model.plan.InsufficientMemoryException;
import io.github.f2d4j.model.plan.MemoryCheck;
import io.github.f2d4j.model.plan.MemoryLimit;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells what a generation will take. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description =
        "Tell what generate would take with these options: memory at its peak, operations, and time"
            + " on this machine, whose speed is measured once (some ten seconds).",
    sortOptions = false)
final class PlanCommand implements Callable<Integer> {
  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--size",
      paramLabel = "WxH",
      description = "Size in pixels, as in 768x512 (default: the model's).")
  private @Nullable String size;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "Pictures made at once (default: 1).",
      defaultValue = "1")
  private int images = 1;

  @Option(names = "--steps", description = "Denoising steps (default: the model's, upstream 30).")
  private @Nullable Integer steps;

  @Option(
      names = {"-g", "--guidance"},
      description = "1 means without guidance, in half the time (default: the model's).")
  private @Nullable Double guidance;

  @Option(
      names = "--scheduler",
      description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
      defaultValue = "EULER_ANCESTRAL")
  private SchedulerKind scheduler = SchedulerKind.EULER_ANCESTRAL;

  @Option(
      names = "--tiles",
      description = "Decode in tiles: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
      defaultValue = "AUTO")
  private Tiles tiles = Tiles.AUTO;

  @Option(
      names = "--dtype",
      description = "As if all weights rested as F16, BF16 or F32 (default: as they do).")
  private @Nullable DType dtype;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = "Backend, as doctor lists them (default: the best one).")
  private @Nullable String backend;

  @Option(names = "--no-time", description = "Do not measure this machine; tell no times.")
  private boolean noTime;

  @Option(names = "--recalibrate", description = "Measure this machine again.")
  private boolean recalibrate;

  @Mixin private OutputOptions talk = new OutputOptions();

  @Override
  public Integer call() throws Exception {
    return backend == null
        ? Integer.valueOf(plan())
        : Backends.using(Backends.get(backend), () -> plan());
  }

  private int plan() throws IOException {
    Console console = talk.console();
    GenerationRequest request = request();
    ModelFolder folder = model.open(console);
    GenerationPlan plan = plan(folder, request, calibration(console));
    MemoryLimit limit = MemoryLimit.ofThisMachine();
    String verdict = null;
    try {
      new MemoryCheck(folder, limit).requireFits(plan);
    } catch (InsufficientMemoryException e) {
      verdict = e.getMessage();
    }
    PlanReport report = new PlanReport(folder, plan, limit, verdict);
    Map<String, Object> object = report.object();
    console.result(report.text(), object);
    return ExitCode.OK.code();
  }

  private GenerationPlan plan(
      ModelFolder folder, GenerationRequest request, @Nullable Calibration calibration)
      throws IOException {
    try {
      return GenerationPlan.of(folder, request, dtype, calibration);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e);
    }
  }

  private @Nullable Calibration calibration(Console console) throws IOException {
    if (noTime) {
      return null;
    }
    CalibrationStore store = CalibrationStore.ofUser();
    return recalibrate
        ? Calibrations.measured(store, console::say)
        : Calibrations.keptOrMeasured(store, console::say);
  }

  private GenerationRequest request() {
    try {
      // The words of a prompt change nothing.
      GenerationRequest.Builder b =
          GenerationRequest.of("f l").images(images).scheduler(scheduler).tiles(tiles);
      if (steps != null) {
        b.steps(steps);
      }
      if (guidance != null) {
        b.guidanceScale(guidance);
      }
      if (size != null) {
        String[] sides = size.split("[xX×]", -1);
        if (sides.length != 2) {
          throw wrongSize(size);
        }
        try {
          b.size(Integer.parseInt(sides[0].strip()), Integer.parseInt(sides[1].strip()));
        } catch (NumberFormatException e) {
          throw wrongSize(size);
        }
      }
      return b.build();
    } catch (IllegalArgumentException e) {
      throw new UsageException(e);
    }
  }

  private static UsageException wrongSize(String size) {
    return new UsageException("--size is \"" + size + "\"; expected WxH, as in 768x512");
  }
}
