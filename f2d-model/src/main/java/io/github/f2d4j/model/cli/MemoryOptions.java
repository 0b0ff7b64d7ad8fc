package io.github.f2d4j.model.cli;

import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.ModelFolder;
import io.github.f2d4j.model.plan.CalibrationStore;
import io.github.f2d4j.model.plan.Calibrations;
import io.github.f2d4j.model.plan.GenerationPlan;
import io.github.f2d4j.model.plan.MemoryCheck;
import io.github.f2d4j.model.plan.MemoryLimit;
import java.io.IOException;
import picocli.CommandLine.Option;

/** Whether commands that make pictures ask first whether these fit into memory. */
final class MemoryOptions {
  @Option(
      names = "--no-memory-check",
      description = "Start even if the memory will probably not suffice (see plan).")
  private boolean noMemoryCheck;

  /**
   * What the generation will take: with its time, if this machine's speed is known.
   *
   * @throws io.github.f2d4j.model.plan.InsufficientMemoryException if it does not fit and the user
   *     wants to know
   * @throws IllegalArgumentException if the model cannot do what is asked
   */
  GenerationPlan plan(ModelFolder folder, GenerationRequest request) throws IOException {
    GenerationPlan plan =
        GenerationPlan.of(
            folder, request, null, Calibrations.kept(CalibrationStore.ofUser()).orElse(null));
    if (!noMemoryCheck) {
      new MemoryCheck(folder, MemoryLimit.ofThisMachine()).requireFits(plan);
    }
    return plan;
  }
}
