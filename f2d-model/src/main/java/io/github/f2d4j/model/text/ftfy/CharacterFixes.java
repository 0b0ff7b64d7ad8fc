package io.github.f2d4j.model.text.ftfy;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Map;

/**
 * The fixes that look at single characters or short sequences of them.
 *
 * <p>Source: <a href="https://github.com/rspeer/python-ftfy/blob/v6.1.1/ftfy/fixes.py">ftfy 6.1.1,
 * fixes.py</a> and {@code chardata.py} (Robyn Speer, MIT licence).
 */
final class CharacterFixes {
  private static final char ESCAPE = '\u001B';

  /** Longest run of combining marks that is put in canonical order as a whole. */
  private static final int MAX_MARKS = 512;

  /** Latin ligatures and digraphs that are one character for typographic or legacy reasons. */
  private static final Map<Character, String> LIGATURES =
      Map.ofEntries(
          Map.entry('Ĳ', "IJ"),
          Map.entry('ĳ', "ij"),
          Map.entry('ŉ', "\u02BCn"),
          Map.entry('Ǳ', "DZ"),
          Map.entry('ǲ', "Dz"),
          Map.entry('ǳ', "dz"),
          Map.entry('Ǆ', "DŽ"),
          Map.entry('ǅ', "Dž"),
          Map.entry('ǆ', "dž"),
          Map.entry('Ǉ', "LJ"),
          Map.entry('ǈ', "Lj"),
          Map.entry('ǉ', "lj"),
          Map.entry('Ǌ', "NJ"),
          Map.entry('ǋ', "Nj"),
          Map.entry('ǌ', "nj"),
          Map.entry('\uFB00', "ff"),
          Map.entry('\uFB01', "fi"),
          Map.entry('\uFB02', "fl"),
          Map.entry('\uFB03', "ffi"),
          Map.entry('\uFB04', "ffl"),
          Map.entry('\uFB05', "\u017Ft"),
          Map.entry('\uFB06', "st"));

  private static final Map<Character, String> WIDTHS = widths();

  private CharacterFixes() {}

  /** C1 controls become the windows-1252 characters of the same byte. */
  static String fixC1Controls(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(c >= 0x80 && c <= 0x9F ? SingleByteCodec.WINDOWS_1252.decode(c) : c);
    }
    return out.toString();
  }

  /** Splits Latin ligatures: "ﬂuﬃeﬆ" becomes "fluffiest". */
  static String fixLatinLigatures(String text) {
    return translate(text, LIGATURES);
  }

  /** Full-width Latin and half-width Katakana become ordinary; U+3000 becomes a space. */
  static String fixCharacterWidth(String text) {
    return translate(text, WIDTHS);
  }

  /** Curly quotation marks become straight. */
  static String uncurlQuotes(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= '\u201C' && c <= '\u201F') {
        c = '"';
      } else if (c == '\u02BC' || (c >= '\u2018' && c <= '\u201B')) {
        c = '\'';
      }
      out.append(c);
    }
    return out.toString();
  }

  /** CRLF, CR, LINE SEPARATOR, PARAGRAPH SEPARATOR and NEXT LINE become a line feed. */
  static String fixLineBreaks(String text) {
    return text.replace("\r\n", "\n")
        .replace('\r', '\n')
        .replace('\u2028', '\n')
        .replace('\u2029', '\n')
        .replace('\u0085', '\n');
  }

  /** Surrogates without a partner become U+FFFD (pairs are one character in Java anyway). */
  static String fixSurrogates(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .forEach(out::appendCodePoint);
    return out.toString();
  }

  /** Strips terminal escapes: ESC, "[", digits and semicolons, a letter. */
  static String removeTerminalEscapes(String text) {
    if (text.indexOf(ESCAPE) < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      int end = endOfTerminalEscape(text, i);
      if (end == i) {
        out.append(text.charAt(i++));
      } else {
        i = end;
      }
    }
    return out.toString();
  }

  private static int endOfTerminalEscape(String text, int start) {
    if (text.charAt(start) != ESCAPE || !text.startsWith("[", start + 1)) {
      return start;
    }
    int i = start + 2;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (c != ';' && !Character.isDigit(c)) {
        boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter ? i + 1 : start;
      }
      i += Character.charCount(c);
    }
    return start;
  }

  /** Removes control characters that have no effect; C1 controls stay, as clues of mojibake. */
  static String removeControlChars(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isRemovedControl(c)) {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static boolean isRemovedControl(char c) {
    return c <= 0x08
        || c == 0x0B
        || (c >= 0x0E && c <= 0x1F)
        || c == 0x7F
        || (c >= 0x206A && c <= 0x206F)
        || c == 0xFEFF
        || (c >= 0xFFF9 && c <= 0xFFFC);
  }

  /**
   * Normalization form C. Runs of more than {@value #MAX_MARKS} combining marks, which no language
   * has, are normalized piecewise: sorting them takes quadratic time.
   */
  static String normalize(String text) {
    StringBuilder out = new StringBuilder(text.length());
    int start = 0;
    int marks = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      marks = isMark(c) ? marks + 1 : 0;
      i += Character.charCount(c);
      if (marks == MAX_MARKS) {
        out.append(Normalizer.normalize(text.substring(start, i), Normalizer.Form.NFC));
        start = i;
        marks = 0;
      }
    }
    return out.append(Normalizer.normalize(text.substring(start), Normalizer.Form.NFC)).toString();
  }

  private static boolean isMark(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK ->
          true;
      default -> false;
    };
  }

  private static String translate(String text, Map<Character, String> replacements) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      String replacement = c < 0x80 ? null : replacements.get(c);
      if (replacement == null) {
        out.append(c);
      } else {
        out.append(replacement);
      }
    }
    return out.toString();
  }

  /** Every half-width or full-width form with its compatibility normalization. */
  private static Map<Character, String> widths() {
    Map<Character, String> widths = new HashMap<>();
    widths.put('\u3000', " ");
    for (char c = '\uFF01'; c < '\uFFF0'; c++) {
      String form = String.valueOf(c);
      String standard = Normalizer.normalize(form, Normalizer.Form.NFKC);
      if (!standard.equals(form)) {
        widths.put(c, standard);
      }
    }
    return Map.copyOf(widths);
  }
}
