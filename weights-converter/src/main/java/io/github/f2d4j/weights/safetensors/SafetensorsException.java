package io.github.f2d4j.weights.safetensors;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A weight file breaks a rule of its format. The message names the file, the rule, what was found,
 * what was expected, and what to do about it.
 */
public final class SafetensorsException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_QUOTE = 100;

  private final String file;

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
    super(
        file + ": " + rule + ": found " + found + ", expected " + expected + ". " + remedy + ".",
        cause);
    this.file = file.toString();
  }

  /** The file that breaks the rule. */
  public Path file() {
    return Path.of(file);
  }

  /** {@code text} in quotes, shortened and with control characters made visible. */
  static String quote(String text) {
    StringBuilder s = new StringBuilder("'");
    int shown = Math.min(text.length(), LONGEST_QUOTE);
    for (int i = 0; i < shown; i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) || Character.isSurrogate(c)) {
        s.append(String.format("\\u%04x", (int) c));
      } else {
        s.append(c);
      }
    }
    s.append(shown < text.length() ? "…' (" + text.length() + " characters)" : "'");
    return s.toString();
  }
}
