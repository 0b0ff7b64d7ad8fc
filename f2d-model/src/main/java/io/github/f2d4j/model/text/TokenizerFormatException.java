package io.github.f2d4j.model.text;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A tokenizer file is missing or malformed. The message names the file, the fault, the remedy. */
public final class TokenizerFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  TokenizerFormatException(Path file, String fault, String remedy, @Nullable Throwable cause) {
    super(file + ": " + fault + "; " + remedy, cause);
  }

  TokenizerFormatException(Path file, String fault, String remedy) {
    this(file, fault, remedy, null);
  }
}
