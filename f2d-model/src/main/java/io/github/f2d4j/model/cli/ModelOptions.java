package io.github.f2d4j.model.cli;

import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model runs, and on how many threads. */
final class ModelOptions {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "FOLDER",
      description =
          "Model folder: Stable Diffusion 1.x in diffusers layout plus msid/ and mapping/. Without"
              + " it the built-in demonstration model runs: it draws 64x64 cartoon faces and knows"
              + " nothing of real photos.")
  private @Nullable Path model;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of the CPU backend (default: all processors).")
  private @Nullable Integer threads;

  @Option(
      names = "--precision",
      paramLabel = "WORD",
      description =
          "How exactly a CPU with a matrix unit (Intel AMX) multiplies: highest is float32, high"
              + " (about 20 bits) and medium (bfloat16) are faster. Other processors compute in"
              + " float32 whatever it says (default: highest).")
  private @Nullable Precision precision;

  /** The words for {@link CpuBackend#PRECISION_PROPERTY}. */
  enum Precision {
    HIGHEST,
    HIGH,
    MEDIUM
  }

  /** Loads the model; says so when it is the built-in one. */
  Face2DiffusionPipeline load(Console console) throws IOException {
    return Face2DiffusionPipeline.load(open(console));
  }

  /** The folder of the model; says so when it is the built-in one. */
  ModelFolder open(Console console) throws IOException {
    if (threads != null) {
      if (threads < 1) {
        throw new UsageException("--threads is " + threads + "; expected 1 or more");
      }
      System.setProperty(WorkPool.PROPERTY, Integer.toString(threads));
    }
    if (precision != null) {
      System.setProperty(CpuBackend.PRECISION_PROPERTY, precision.name().toLowerCase(Locale.ROOT));
    }
    if (model == null) {
      console.say(
          "No --model given: using the built-in demonstration model (64x64 cartoon faces; it knows"
              + " nothing of real photos).");
      return ModelFolder.open(DemoModel.open().folder());
    }
    return ModelFolder.open(model);
  }
}
