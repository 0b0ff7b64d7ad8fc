package io.github.f2d4j.model.text.ftfy;

/**
 * What Python's {@code str} methods and regular expressions do where Java's differ, so that text is
 * cleaned exactly as the models' training code cleaned it.
 */
public final class PythonText {
  private static final int CAPITAL_SIGMA = 0x3A3;
  private static final int SMALL_SIGMA = 0x3C3;
  private static final int FINAL_SIGMA = 0x3C2;
  private static final int CAPITAL_DOTTED_I = 0x130;

  private PythonText() {}

  /** {@code str.isspace} and {@code \s} of Python's {@code re}: with the separators U+001C-1F. */
  public static boolean isSpace(int c) {
    return (c >= 0x1C && c <= 0x1F) || isWhiteSpace(c);
  }

  /** Unicode's White_Space property, which is {@code \s} of the {@code regex} package. */
  public static boolean isWhiteSpace(int c) {
    return (c >= 0x09 && c <= 0x0D)
        || c == 0x20
        || c == 0x85
        || (c >= 0xA0 && Character.isSpaceChar(c));
  }

  /** {@code \p{L}}. */
  public static boolean isLetter(int c) {
    return Character.isLetter(c);
  }

  /** {@code \p{N}}: decimal digits, letter numbers and other numbers. */
  public static boolean isNumber(int c) {
    int type = Character.getType(c);
    return type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }

  /** {@code \w}. */
  static boolean isWord(int c) {
    return c == '_' || isLetter(c) || isNumber(c);
  }

  /** {@code str.strip()}. */
  public static String strip(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (end > start && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  /** Every run of white space becomes one space, none stays at the ends. */
  public static String collapseWhiteSpace(String text) {
    StringBuilder out = new StringBuilder(text.length());
    boolean inRun = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isWhiteSpace(c)) {
        out.append(c);
        inRun = false;
      } else if (!inRun) {
        out.append(' ');
        inRun = true;
      }
    }
    return strip(out.toString());
  }

  /**
   * {@code str.lower()}: full Unicode lower case without regard to language. Sigma takes its final
   * form by the rule of the Unicode standard (section 3.13); {@link String#toLowerCase} asks a word
   * breaker instead, which differs and takes quadratic time.
   */
  public static String lower(String text) {
    int[] codePoints = text.codePoints().toArray();
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < codePoints.length; i++) {
      int c = codePoints[i];
      switch (c) {
        case CAPITAL_SIGMA ->
            out.appendCodePoint(isFinal(codePoints, i) ? FINAL_SIGMA : SMALL_SIGMA);
        case CAPITAL_DOTTED_I -> out.append("i\u0307");
        default -> out.appendCodePoint(Character.toLowerCase(c));
      }
    }
    return out.toString();
  }

  /** Whether a cased letter stands before, and none after, marks and apostrophes left out. */
  private static boolean isFinal(int[] codePoints, int sigma) {
    int before = sigma - 1;
    while (before >= 0 && isCaseIgnorable(codePoints[before])) {
      before--;
    }
    if (before < 0 || !isCased(codePoints[before])) {
      return false;
    }
    int after = sigma + 1;
    while (after < codePoints.length && isCaseIgnorable(codePoints[after])) {
      after++;
    }
    return after == codePoints.length || !isCased(codePoints[after]);
  }

  private static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  /** Unicode's Case_Ignorable: marks, format characters, modifiers, and mid-word punctuation. */
  private static boolean isCaseIgnorable(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.FORMAT,
          Character.MODIFIER_LETTER,
          Character.MODIFIER_SYMBOL ->
          true;
      default ->
          switch (c) {
            // Word_Break = Single_Quote, MidNumLet or MidLetter.
            case 0x27, 0x2E, 0x3A, 0xB7, 0x387, 0x55F, 0x5F4, 0x2018, 0x2019, 0x2024, 0x2027 ->
                true;
            case 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A -> true;
            default -> false;
          };
    };
  }
}
