package io.github.f2d4j.model.pipeline;

/** Passes on what a generation says. */
record Publishing(RunPublisher.Emitter<GenerationEvent> out) implements GenerationListener {
  @Override
  public void onStep(StepProgress progress) {
    out.emit(new GenerationEvent.Step(progress));
  }

  @Override
  public void onWarning(String message) {
    out.emit(new GenerationEvent.Warning(message));
  }

  @Override
  public boolean isCancelled() {
    return out.isCancelled();
  }
}
