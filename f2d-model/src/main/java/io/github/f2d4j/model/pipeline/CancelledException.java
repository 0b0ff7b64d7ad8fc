package io.github.f2d4j.model.pipeline;

/** A generation was stopped on request; the pipeline can be used on. */
public final class CancelledException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CancelledException(String message) {
    super(message);
  }
}
