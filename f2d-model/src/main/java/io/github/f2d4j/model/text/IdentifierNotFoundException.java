package io.github.f2d4j.model.text;

/** The prompt lacks the identifier words whose embeddings the face replaces. */
public final class IdentifierNotFoundException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  IdentifierNotFoundException(String message) {
    super(message);
  }
}
