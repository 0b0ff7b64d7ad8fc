package io.github.f2d4j.model.card;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An identity card cannot be used: it is no card, is damaged, or belongs to another encoder. The
 * message names the file, the reason and the remedy.
 */
public final class CardException extends IOException {
  private static final long serialVersionUID = 1L;

  CardException(String name, String reason) {
    this(name, reason, null);
  }

  CardException(String name, String reason, @Nullable Throwable cause) {
    super(name + ": " + reason, cause);
  }
}
