package io.github.f2d4j.model.face;

import java.io.IOException;

/** Landmarks are missing, malformed, or cannot belong to a face; the message says what to give. */
public final class LandmarksException extends IOException {
  private static final long serialVersionUID = 1L;

  LandmarksException(String message) {
    super(message);
  }

  LandmarksException(String message, Throwable cause) {
    super(message, cause);
  }
}
