package io.github.f2d4j.model.checkpoint;

import org.jspecify.annotations.Nullable;

/**
 * A model's configuration cannot be used. The message names the file, the key, what it holds and
 * what was expected.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message for the user. */
  public ConfigException(String message) {
    this(message, null);
  }

  ConfigException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
