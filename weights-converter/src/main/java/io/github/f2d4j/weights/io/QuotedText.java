package io.github.f2d4j.weights.io;

/** Text of an untrusted file, as a message may show it. */
public final class QuotedText {
  private static final int LONGEST = 100;

  private QuotedText() {}

  /** {@code text} in quotes, shortened and with control characters made visible. */
  public static String quote(String text) {
    StringBuilder s = new StringBuilder("'");
    int shown = Math.min(text.length(), LONGEST);
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
