package io.github.f2d4j.model.plan;

import io.github.f2d4j.engine.graph.Analysis.Kept;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.GenerationAnalysis;
import io.github.f2d4j.model.pipeline.GenerationAnalysis.Computation;
import io.github.f2d4j.model.pipeline.GenerationAnalysis.Stage;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.ModelFolder;
import io.github.f2d4j.model.pipeline.PipelineParts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a generation in a JVM of its own will take, found without reading a weight or running a
 * kernel: configurations and headers tell the shapes, the compiled plans of all stages the rest.
 *
 * @param request the request, complete
 * @param weightBytes size of all weights at rest
 * @param memory the memory at its peak
 * @param stages the stages in the order in which they run
 * @param loading seconds to load the model from a warm page cache, null without a calibration
 * @param once seconds of what happens in a process once: packing weights, compiling code; null
 *     without a calibration
 */
public record GenerationPlan(
    GenerationRequest request,
    long weightBytes,
    MemoryEstimate memory,
    List<StageEstimate> stages,
    @Nullable Double loading,
    @Nullable Double once) {
  /** Copies the list. */
  public GenerationPlan {
    stages = List.copyOf(stages);
  }

  /**
   * Plans for the current backend.
   *
   * @param dtypeAtRest the type that all weights shall have at rest, or null for the files' own
   * @param calibration speeds of this machine, or null for a plan without times
   * @throws IOException if the model is incomplete or of another kind
   * @throws IllegalArgumentException if the model cannot do what is asked
   */
  public static GenerationPlan of(
      ModelFolder folder,
      GenerationRequest request,
      @Nullable DType dtypeAtRest,
      @Nullable Calibration calibration)
      throws IOException {
    PipelineParts parts = PipelineParts.describe(folder, dtypeAtRest);
    try {
      return of(
          new Face2DiffusionPipeline(parts).analyze(request),
          weightBytes(folder, dtypeAtRest),
          calibration);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "pictures of this size and number have more values than a plan can count; make fewer of"
              + " them at once, or smaller ones",
          e);
    }
  }

  static long weightBytes(ModelFolder folder, @Nullable DType dtype) throws IOException {
    List<Path> files = new ArrayList<>();
    files.addAll(List.of(folder.textEncoder(), folder.unet(), folder.vae()));
    files.addAll(List.of(folder.msid(), folder.mapping()));
    folder.expression().ifPresent(files::add);
    long bytes = 0;
    for (Path file : files) {
      bytes += Checkpoint.describe(file, dtype).bytes();
    }
    return bytes;
  }

  /** Plans without times, for the weights as they are. */
  public static GenerationPlan of(ModelFolder folder, GenerationRequest request)
      throws IOException {
    return of(folder, request, null, null);
  }

  static GenerationPlan of(
      GenerationAnalysis analysis, long weightBytes, @Nullable Calibration calibration) {
    List<StageEstimate> stages = new ArrayList<>();
    Set<Kept> kept = new HashSet<>();
    for (Stage stage : Stage.values()) {
      List<Computation> own =
          analysis.computations().stream().filter(c -> c.stage() == stage).toList();
      own.forEach(c -> kept.addAll(c.analysis().kept()));
      stages.add(StageEstimate.of(stage, own, calibration));
    }
    long packed = kept.stream().mapToLong(Kept::bytes).sum();
    return new GenerationPlan(
        analysis.request(),
        weightBytes,
        MemoryEstimate.of(analysis, weightBytes, JvmMemory.ofThisJvm()),
        stages,
        calibration == null ? null : weightBytes / calibration.loadingRate(),
        calibration == null
            ? null
            : packed / calibration.packingRate() + calibration.warmUpSeconds());
  }

  /** The stage's part of this plan. */
  public StageEstimate stage(Stage stage) {
    return stages.stream().filter(s -> s.stage() == stage).findFirst().orElseThrow();
  }

  /** Seconds from the loaded model to the pictures in a new JVM; null without a calibration. */
  public @Nullable Double seconds() {
    if (once == null) {
      return null;
    }
    double sum = once;
    for (StageEstimate s : stages) {
      Double seconds = s.seconds();
      sum += seconds == null ? 0 : seconds;
    }
    return sum;
  }
}
