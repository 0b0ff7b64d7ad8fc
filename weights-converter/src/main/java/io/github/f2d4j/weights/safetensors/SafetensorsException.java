package io.github.f2d4j.weights.safetensors;

import io.github.f2d4j.weights.io.WeightFormatException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A safetensors file or shard index breaks a rule of its format. */
public final class SafetensorsException extends WeightFormatException {
  private static final long serialVersionUID = 1L;

  SafetensorsException(Path file, String rule, String found, String expected, String remedy) {
    this(file, rule, found, expected, remedy, null);
  }

  SafetensorsException(
      Path file,
      String rule,
      String found,
      String expected,
      String remedy,
      @Nullable Throwable cause) {
    super(file, rule, found, expected, remedy, cause);
  }
}
