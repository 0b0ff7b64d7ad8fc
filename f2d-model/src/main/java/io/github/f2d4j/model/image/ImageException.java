package io.github.f2d4j.model.image;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A picture cannot be used; the message names the file, the reason and the remedy. */
public final class ImageException extends IOException {
  private static final long serialVersionUID = 1L;

  ImageException(String name, String reason) {
    this(name, reason, null);
  }

  ImageException(String name, String reason, @Nullable Throwable cause) {
    super(name + ": " + reason, cause);
  }
}
