package io.github.f2d4j.weights.io;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A weight file breaks a rule of its format. The message names the file, the rule, what was found,
 * what was expected, and what to do about it.
 */
public class WeightFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String file;

  /** A message of these parts; {@code remedy} is a sentence without its full stop. */
  public WeightFormatException(
      Path file,
      String rule,
      String found,
      String expected,
      String remedy,
      @Nullable Throwable cause) {
    super(
        file + ": " + rule + ": found " + found + ", expected " + expected + ". " + remedy + ".",
        cause);
    this.file = file.toString();
  }

  /** The file that breaks the rule. */
  public Path file() {
    return Path.of(file);
  }
}
