package io.github.f2d4j.model.pipeline;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A model folder cannot be used: it is missing, of another kind, incomplete, damaged, or its parts
 * do not belong together. The message names the folder, what was expected, and the remedy.
 */
public final class ModelException extends IOException {
  private static final long serialVersionUID = 1L;

  ModelException(String message) {
    this(message, null);
  }

  ModelException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
