package io.github.f2d4j.model.text.ftfy;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code ftfy.fix_text} with its default configuration: mojibake, HTML references, ligatures,
 * widths, quotation marks, line breaks, surrogates, terminal escapes, control characters, and
 * normalization form C.
 *
 * <p>Source: <a href="https://github.com/rspeer/python-ftfy/blob/v6.1.1/ftfy/__init__.py">ftfy
 * 6.1.1</a> (Robyn Speer, MIT licence). Two bounds are added against input made to be slow: {@link
 * WorkLimit}, and piecewise normalization of absurdly long runs of combining marks.
 */
public final class TextFixer {
  /** Longest segment, in code points, that is fixed as a whole ({@code max_decode_length}). */
  private static final int MAX_SEGMENT = 1_000_000;

  private TextFixer() {}

  /**
   * Fixes each line on its own.
   *
   * <p>From the first line with a literal "&lt;" on the text counts as HTML, and references are
   * left alone.
   */
  public static String fixText(String text) {
    WorkLimit limit = WorkLimit.forLength(text.length());
    StringBuilder out = new StringBuilder(text.length());
    boolean unescape = true;
    for (String segment : segments(text)) {
      unescape &= segment.indexOf('<') < 0;
      out.append(fixSegment(segment, unescape, limit));
    }
    return out.toString();
  }

  private static List<String> segments(String text) {
    List<String> segments = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int newline = text.indexOf('\n', start);
      int end = newline < 0 ? text.length() : newline + 1;
      if (end - start > MAX_SEGMENT && text.codePointCount(start, end) > MAX_SEGMENT) {
        end = text.offsetByCodePoints(start, MAX_SEGMENT);
      }
      segments.add(text.substring(start, end));
      start = end;
    }
    return segments;
  }

  private static String fixSegment(String segment, boolean unescape, WorkLimit limit) {
    EncodingFixer encoding = new EncodingFixer(limit);
    String current = segment;
    while (limit.allows(current.length())) {
      String text = unescape ? HtmlEntities.unescapeUnambiguous(current) : current;
      text = encoding.fix(text);
      text = CharacterFixes.fixC1Controls(text);
      text = CharacterFixes.fixLatinLigatures(text);
      text = CharacterFixes.fixCharacterWidth(text);
      text = CharacterFixes.uncurlQuotes(text);
      text = CharacterFixes.fixLineBreaks(text);
      text = CharacterFixes.fixSurrogates(text);
      text = CharacterFixes.removeTerminalEscapes(text);
      text = CharacterFixes.removeControlChars(text);
      text = CharacterFixes.normalize(text);
      if (text.equals(current)) {
        break;
      }
      current = text;
    }
    return current;
  }
}
