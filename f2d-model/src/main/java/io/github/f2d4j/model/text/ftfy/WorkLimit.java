package io.github.f2d4j.model.text.ftfy;

/**
 * Bounds the passes over a text. ftfy repeats its steps until nothing changes, which takes
 * quadratic time for input made to that end ("&amp;amp;amp;amp;..."); with this limit such input is
 * left partly fixed instead. Nested references below 8,000 characters do not reach it.
 */
final class WorkLimit {
  /** Characters that all passes together may look at: well under a second. */
  private static final long CHARACTERS = 1L << 24;

  /** Passes that even the longest text gets; text that was misread twice needs about ten. */
  private static final long PASSES = 24;

  private long left;

  private WorkLimit(long characters) {
    this.left = characters;
  }

  /** The limit for a text of that many characters. */
  static WorkLimit forLength(int characters) {
    return new WorkLimit(Math.max(CHARACTERS, PASSES * characters));
  }

  /** Takes one pass over {@code characters} from what is left; false if there is not enough. */
  boolean allows(int characters) {
    left -= characters + 1L;
    return left >= 0;
  }
}
