package io.github.f2d4j.model.plan;

/**
 * A generation would need more memory than there is. The message tells both amounts and what would
 * fit.
 */
public final class InsufficientMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A message that tells what is needed, what there is, and what would fit. */
  public InsufficientMemoryException(String message) {
    super(message);
  }
}
