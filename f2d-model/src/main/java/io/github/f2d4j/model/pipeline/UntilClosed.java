package io.github.f2d4j.model.pipeline;

/** Ends with its listener, or when the pipeline is closed in a hurry. */
record UntilClosed(GenerationListener listener, PipelineLife life) implements GenerationListener {
  @Override
  public void onStep(StepProgress progress) {
    listener.onStep(progress);
  }

  @Override
  public void onStage(Stage stage) {
    listener.onStage(stage);
  }

  @Override
  public void onWarning(String message) {
    listener.onWarning(message);
  }

  @Override
  public boolean isCancelled() {
    return life.isCancelling() || listener.isCancelled();
  }
}
