package io.github.f2d4j.model.text.ftfy;

/**
 * Tells whether text looks like mojibake: UTF-8 that was read in a single-byte encoding.
 *
 * <p>About 400 characters can come out of such a misreading. They are sorted into classes, and
 * {@link #RULES} lists the neighbourhoods that hardly occur in text somebody meant to write, for
 * instance a lower-case accented letter followed by a currency sign. Classes and rules are those of
 * <a href="https://github.com/rspeer/python-ftfy/blob/v6.1.1/ftfy/badness.py">ftfy 6.1.1,
 * badness.py</a> (Robyn Speer, MIT licence), where they form one regular expression; here each rule
 * is a short sequence of unions of classes, so one pass decides without backtracking.
 */
final class Badness {
  private static final CharClasses CLASSES = new CharClasses();

  // Conditions that are computed, not looked up; they use the bits that CharClasses leaves free.
  private static final long ANY_BUT_NEWLINE = 1L << 60;
  private static final long NOT_ASCII_LETTER = 1L << 61;
  private static final long WORD = 1L << 62;
  private static final long WHITE_SPACE = 1L << 63;
  private static final long COMPUTED = ANY_BUT_NEWLINE | NOT_ASCII_LETTER | WORD | WHITE_SPACE;

  // The classes of ftfy's MOJIBAKE_CATEGORIES.

  /** Found in many contexts, harmless alone. */
  private static final long COMMON = CLASSES.define("\u00A0\u00AD·´–—―…’");

  private static final long C1 = CLASSES.define("\u0080-\u009F");

  /** Hardly ever used but in mojibake. */
  private static final long BAD = CLASSES.define("¦¤¨¬¯¶§¸ƒˆˇ˘˛˜†‡‰⌐◊\uFFFDªº");

  private static final long CURRENCY = CLASSES.define("¢£¥₧€");
  private static final long START_PUNCTUATION = CLASSES.define("¡«¿©\u0384\u0385‘‚“„•‹\uF8FF");
  private static final long END_PUNCTUATION = CLASSES.define("®»˝”›™");
  private static final long NUMERIC = CLASSES.define("²³¹±¼½¾×\u00B5÷⁄∂∆∏∑√∞∩∫≈≠≡≤≥№");

  /** Letters of emoticons, which stand in unlikely places on purpose. */
  private static final long KAOMOJI = CLASSES.define("Ò-ÖÙ-Üò-öø-üŐ°");

  private static final long UPPER_ACCENTED = CLASSES.define("À-ÑØÜÝĂĄĆČĎĐĘĚĞİĹĽŁŃŇŒŘŚŞŠŢŤŮŰŸŹŻŽҐ");
  private static final long LOWER_ACCENTED = CLASSES.define("ßà-ñăąćčďđęěğĺľłœŕśşšťüźżžґﬁﬂ");
  private static final long UPPER_COMMON = CLASSES.define("Þ\u0391-\u03A9ΆΈΉΊΌΎΏΪΫЁ-Я");
  private static final long LOWER_COMMON = CLASSES.define("\u03B1-\u03C9άέήίΰа-џ");
  private static final long BOX = CLASSES.define("│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓");

  // Single letters and small sets that only one or two rules speak of.

  private static final long ASCII_LETTER = CLASSES.define("a-zA-Z");
  private static final long ASCII_LOWER = CLASSES.define("a-z");
  private static final long SPACE = CLASSES.define(" ");
  private static final long SENTENCE_END = CLASSES.define(".,?!");
  private static final long DEGREE = CLASSES.define("°");
  private static final long MICRO = CLASSES.define("\u00B5");
  private static final long A_TILDE = CLASSES.define("Ã");
  private static final long A_CIRCUMFLEX = CLASSES.define("Â");

  private static final long ACCENTED = LOWER_ACCENTED | UPPER_ACCENTED;
  private static final long PUNCTUATION = START_PUNCTUATION | END_PUNCTUATION;

  /** What windows-1252 makes of the second byte of Arabic letters. */
  private static final long AFTER_ARABIC_LEAD =
      COMMON | CURRENCY | BAD | NUMERIC | START_PUNCTUATION | CLASSES.define("ŸŠ®°\u00B5»");

  private static final long ARABIC_LEAD = CLASSES.define("ØÙ");
  private static final long CYRILLIC_LEAD = CLASSES.define("ВГРС");
  private static final long GREEK_LEAD = CLASSES.define("\u0392\u0393\u039E\u039F");

  /** Each rule is a suspicious neighbourhood: the class unions of consecutive characters. */
  private static final long[][] RULES = {
    rule(C1),
    rule(ACCENTED | BAD | BOX | PUNCTUATION | CURRENCY | NUMERIC, BAD),
    rule(ASCII_LETTER, LOWER_COMMON | UPPER_COMMON, BAD),
    rule(BAD, ACCENTED | BOX | PUNCTUATION | CURRENCY | NUMERIC),
    rule(
        LOWER_ACCENTED | LOWER_COMMON | BOX | END_PUNCTUATION | CURRENCY | NUMERIC, UPPER_ACCENTED),
    rule(BOX | END_PUNCTUATION | CURRENCY | NUMERIC, LOWER_ACCENTED),
    rule(LOWER_ACCENTED | BOX | END_PUNCTUATION, CURRENCY),
    rule(WHITE_SPACE, UPPER_ACCENTED, CURRENCY),
    rule(UPPER_ACCENTED | BOX, NUMERIC),
    rule(ACCENTED | BOX | CURRENCY | END_PUNCTUATION, START_PUNCTUATION, NUMERIC),
    rule(ACCENTED | CURRENCY | NUMERIC | BOX, END_PUNCTUATION, START_PUNCTUATION),
    rule(CURRENCY | NUMERIC | BOX, START_PUNCTUATION),
    rule(ASCII_LOWER, UPPER_ACCENTED, START_PUNCTUATION | CURRENCY),
    rule(BOX, KAOMOJI),
    rule(ACCENTED | CURRENCY | NUMERIC | PUNCTUATION, BOX),
    rule(BOX, END_PUNCTUATION),
    rule(ACCENTED, END_PUNCTUATION, WORD),
    // The ligature oe, unless an unaccented letter follows.
    rule(CLASSES.define("Œœ"), NOT_ASCII_LETTER),
    // Frequent pairs in windows-1252 that the rules above miss.
    rule(CLASSES.define("ÂÃÎÐ"), PUNCTUATION | CLASSES.define("€Šš¢£Ÿž\u00A0\u00AD®©°·»–—´")),
    rule(CLASSES.define("×"), CLASSES.define("²³")),
    // Arabic in windows-1252; its second characters are common ones, so two letters are required.
    rule(ARABIC_LEAD, AFTER_ARABIC_LEAD, ARABIC_LEAD, AFTER_ARABIC_LEAD),
    // Some South Asian scripts in windows-1252.
    rule(CLASSES.define("à"), CLASSES.define("²\u00B5¹¼½¾")),
    // MacRoman.
    rule(CLASSES.define("√"), CLASSES.define("±∂†≠®™´≤≥¥\u00B5ø")),
    rule(CLASSES.define("≈"), CLASSES.define("°¢")),
    rule(CLASSES.define("‚"), CLASSES.define("Ä"), CLASSES.define("ìîïòôúùû†°¢π")),
    rule(CLASSES.define("‚"), CLASSES.define("âó"), CLASSES.define("àä°ê")),
    // Windows-1251: characters U+2000 to U+2FFF, Latin-1 and Cyrillic letters, and the five letters
    // of a twice misread windows-1252 character (with a Latin letter nearby).
    rule(CLASSES.define("в"), CLASSES.define("Ђ")),
    rule(CYRILLIC_LEAD, C1 | BAD | PUNCTUATION | CURRENCY | DEGREE | MICRO, CYRILLIC_LEAD),
    rule(
        CLASSES.define("Г"),
        CLASSES.define("ў"),
        CLASSES.define("В"),
        CLASSES.define("Ђ"),
        CLASSES.define("В"),
        ANY_BUT_NEWLINE,
        ASCII_LETTER | SPACE),
    // "à", "á" and the no-break space in windows-1252.
    rule(A_TILDE, CLASSES.define("\u00A0¡")),
    rule(ASCII_LOWER, A_TILDE | A_CIRCUMFLEX, SPACE),
    rule(ASCII_LOWER, WHITE_SPACE, A_TILDE | A_CIRCUMFLEX, SPACE),
    // A character that became "Â" and itself.
    rule(ASCII_LOWER | SENTENCE_END | END_PUNCTUATION, A_CIRCUMFLEX, SPACE | PUNCTUATION),
    // Windows-1253: characters U+2000 to U+2FFF, then Latin-1 and Greek letters.
    rule(CLASSES.define("\u03B2"), CLASSES.define("€"), CLASSES.define("™\u00A0Ά\u00AD®°")),
    rule(GREEK_LEAD, C1 | BAD | PUNCTUATION | CURRENCY | DEGREE, GREEK_LEAD),
  };

  private Badness() {}

  private static long[] rule(long... unions) {
    return unions;
  }

  /** Whether any rule matches anywhere ({@code ftfy.badness.is_bad}). */
  static boolean isBad(String text) {
    int[] codePoints = text.codePoints().toArray();
    if (startsWithLoneLead(codePoints)) {
      return true;
    }
    for (int i = 0; i < codePoints.length; i++) {
      for (long[] rule : RULES) {
        if (matches(rule, codePoints, i)) {
          return true;
        }
      }
    }
    return false;
  }

  /** "Â" or "Ã" and a space at the very start: the one rule that looks at the position. */
  private static boolean startsWithLoneLead(int[] codePoints) {
    return codePoints.length >= 2
        && (CLASSES.of(codePoints[0]) & (A_TILDE | A_CIRCUMFLEX)) != 0
        && codePoints[1] == ' ';
  }

  private static boolean matches(long[] rule, int[] codePoints, int start) {
    if (start + rule.length > codePoints.length) {
      return false;
    }
    for (int k = 0; k < rule.length; k++) {
      int c = codePoints[start + k];
      boolean in = (CLASSES.of(c) & rule[k]) != 0;
      if (!in && ((rule[k] & COMPUTED) == 0 || !computed(rule[k], c))) {
        return false;
      }
    }
    return true;
  }

  private static boolean computed(long condition, int c) {
    return switch ((int) (condition >>> 60)) {
      case 1 -> c != '\n';
      case 2 -> !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
      case 4 -> PythonText.isWord(c);
      case 8 -> PythonText.isSpace(c);
      default -> throw new IllegalStateException("a rule may combine no computed conditions");
    };
  }
}
