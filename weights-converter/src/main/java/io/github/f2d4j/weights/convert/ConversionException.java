package io.github.f2d4j.weights.convert;

import java.io.IOException;

/**
 * A checkpoint cannot become part of a model folder, or a folder is not what its record says. The
 * message names the file, the reason and the remedy.
 */
public final class ConversionException extends IOException {
  private static final long serialVersionUID = 1L;

  /** A message that names file, reason and remedy. */
  public ConversionException(String message) {
    super(message);
  }

  /** The same with what led to it. */
  public ConversionException(String message, Throwable cause) {
    super(message, cause);
  }
}
