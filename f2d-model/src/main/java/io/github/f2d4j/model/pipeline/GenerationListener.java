package io.github.f2d4j.model.pipeline;

import java.lang.System.Logger.Level;

/**
 * Follows a generation and may stop it. Called by the generating thread; an exception thrown here
 * ends the generation and reaches the caller.
 *
 * {@snippet file = "io/github/f2d4j/model/example/PipelineExample.java" region = "listener"}
 */
public interface GenerationListener {
  /** Follows nothing. */
  GenerationListener NONE = new GenerationListener() {};

  /** A step has been taken. */
  default void onStep(StepProgress progress) {}

  /** A stage is done: the text encoder, a step, the decoding of a picture. */
  default void onStage(Stage stage) {}

  /** Something the user should know, such as words of the prompt that are not used; logged. */
  default void onWarning(String message) {
    System.getLogger(Face2DiffusionPipeline.class.getName()).log(Level.WARNING, message);
  }

  /** Asked before each step: whether to stop with a {@link CancelledException}. */
  default boolean isCancelled() {
    return false;
  }
}
