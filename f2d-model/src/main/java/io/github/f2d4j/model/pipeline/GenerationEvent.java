package io.github.f2d4j.model.pipeline;

/** What a publisher of {@link Face2DiffusionPipeline#generations} says; the last is a result. */
public sealed interface GenerationEvent {
  /** A step has been taken. */
  record Step(StepProgress progress) implements GenerationEvent {}

  /** Something the user should know, such as words of the prompt that are not used. */
  record Warning(String message) implements GenerationEvent {}

  /** The pictures. */
  record Result(GenerationResult result) implements GenerationEvent {}
}
