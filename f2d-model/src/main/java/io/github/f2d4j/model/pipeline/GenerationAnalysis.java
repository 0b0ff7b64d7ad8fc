package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.graph.Analysis;
import java.util.List;

/**
 * The computations of one generation, known before it runs.
 *
 * @param request the request, complete
 * @param computations in the order in which they first run
 * @param steps denoising steps, which with some samplers differ from those asked for
 * @param latentBytes size of the latents of all pictures
 * @param stateBytes size of what the denoiser keeps of the prompts for all steps
 */
public record GenerationAnalysis(
    GenerationRequest request,
    List<Computation> computations,
    int steps,
    long latentBytes,
    long stateBytes) {
  /** Copies the list. */
  public GenerationAnalysis {
    computations = List.copyOf(computations);
  }

  /** The parts of a generation. */
  public enum Stage {
    /** A face to features. */
    IDENTITY_ENCODER,
    /** Features to words. */
    MAPPING,
    /** Prompts to states. */
    TEXT_ENCODER,
    /** One step from noise towards clean latents. */
    DENOISER,
    /** Latents to pictures. */
    DECODER
  }

  /**
   * One computation.
   *
   * @param calls how often it runs
   */
  public record Computation(Stage stage, int calls, Analysis analysis) {}
}
