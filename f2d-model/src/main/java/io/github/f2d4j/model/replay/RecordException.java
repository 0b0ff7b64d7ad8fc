package io.github.f2d4j.model.replay;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A picture does not tell how it was made, or tells it in a form that cannot be right. The message
 * names the file, what is wrong, and the remedy.
 */
public final class RecordException extends IOException {
  private static final long serialVersionUID = 1L;

  RecordException(String name, String reason) {
    this(name, reason, null);
  }

  RecordException(String name, String reason, @Nullable Throwable cause) {
    super(name + ": " + reason, cause);
  }
}
