package io.github.f2d4j.weights.torch;

import io.github.f2d4j.weights.io.WeightFormatException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A PyTorch checkpoint is malformed, asks for what it must not have, or passes a limit. */
public final class TorchFormatException extends WeightFormatException {
  private static final long serialVersionUID = 1L;

  TorchFormatException(Path file, String rule, String found, String expected, String remedy) {
    this(file, rule, found, expected, remedy, null);
  }

  TorchFormatException(
      Path file,
      String rule,
      String found,
      String expected,
      String remedy,
      @Nullable Throwable cause) {
    super(file, rule, found, expected, remedy, cause);
  }
}
