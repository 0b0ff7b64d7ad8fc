package io.github.f2d4j.model.pipeline;

import java.util.Arrays;

/**
 * The two words that stand for a person, with or without an expression, in place of the identifier
 * of a prompt. Immutable.
 */
public final class IdentityWords {
  private final float[] first;
  private final float[] last;

  /**
   * Words of these embeddings, as wide as the text encoder.
   *
   * @throws IllegalArgumentException if they differ in length
   */
  public IdentityWords(float[] first, float[] last) {
    if (first.length != last.length || first.length == 0) {
      throw new IllegalArgumentException(
          "the two words have "
              + first.length
              + " and "
              + last.length
              + " values; expected as many");
    }
    this.first = first.clone();
    this.last = last.clone();
  }

  /** A copy of the embedding in place of the identifier's first word. */
  public float[] first() {
    return first.clone();
  }

  /** A copy of the embedding in place of the identifier's last word. */
  public float[] last() {
    return last.clone();
  }

  /** The width of an embedding. */
  public int width() {
    return first.length;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof IdentityWords w
        && Arrays.equals(first, w.first)
        && Arrays.equals(last, w.last);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(first) + Arrays.hashCode(last);
  }

  @Override
  public String toString() {
    return "two words of width " + first.length;
  }
}
