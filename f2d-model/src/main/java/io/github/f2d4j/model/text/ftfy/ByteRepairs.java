package io.github.f2d4j.model.text.ftfy;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Repairs of bytes that are nearly UTF-8. Patterns run over the bytes seen as Latin-1 characters
 * and have a fixed length, so they take linear time.
 *
 * <p>Source: <a href="https://github.com/rspeer/python-ftfy/blob/v6.1.1/ftfy/fixes.py">ftfy 6.1.1,
 * fixes.py</a> and {@code chardata.py} (Robyn Speer, MIT licence).
 */
final class ByteRepairs {
  /** A continuation byte other than 0x85 (an ellipsis, seldom meant) and 0xA0 (handled below). */
  private static final String CONTINUATION = "[\u0080-\u0084\u0086-\u009F\u00A1-\u00BF]";

  private static final String ANY_CONTINUATION = "[\u0080-\u00BF]";
  private static final String LOST = "\u001A";
  private static final String LOST_OR_QUESTION = "[\u001A?]";
  private static final String KEPT_OR_LOST = "[\u001A\u0080-\u00BF]";
  private static final String ANY_OR_LOST = "[\u001A?\u0080-\u00BF]";

  /**
   * "à" whose second byte became a space: the space is kept and the byte added, unless the rest is
   * one of the Portuguese words that begin with "à".
   */
  private static final Pattern A_GRAVE_WORD = Pattern.compile("\u00C3 (?! |quele|quela|quilo|s )");

  /** UTF-8 in which byte 0xA0 became a space, for the lead bytes where that is plausible. */
  private static final Pattern SPACE_FOR_A0 =
      alternatives(
          "[\u00C2\u00C3\u00C5\u00CE\u00D0\u00D9] ",
          "[\u00E2\u00E3] " + CONTINUATION,
          "[\u00E0-\u00E3]" + CONTINUATION + " ",
          "\u00F0 " + ANY_CONTINUATION + ANY_CONTINUATION,
          "\u00F0" + ANY_CONTINUATION + " " + ANY_CONTINUATION,
          "\u00F0" + ANY_CONTINUATION + ANY_CONTINUATION + " ");

  /** UTF-8 and CESU-8 with a continuation byte lost: 0x1A, or one question mark at most. */
  private static final Pattern LOSSY_SEQUENCE =
      alternatives(
          "[\u00C2-\u00DF]" + LOST,
          "[\u00C2-\u00C3]\\?",
          "\u00ED[\u00A0-\u00AF]" + LOST_OR_QUESTION + "\u00ED[\u00B0-\u00BF]" + ANY_OR_LOST,
          "\u00ED[\u00A0-\u00AF]" + ANY_OR_LOST + "\u00ED[\u00B0-\u00BF]" + LOST_OR_QUESTION,
          "[\u00E0-\u00EF]" + LOST_OR_QUESTION + KEPT_OR_LOST,
          "[\u00E0-\u00EF]" + KEPT_OR_LOST + LOST_OR_QUESTION,
          "[\u00F0-\u00F4]" + LOST_OR_QUESTION + KEPT_OR_LOST + KEPT_OR_LOST,
          "[\u00F0-\u00F4]" + KEPT_OR_LOST + LOST_OR_QUESTION + KEPT_OR_LOST,
          "[\u00F0-\u00F4]" + KEPT_OR_LOST + KEPT_OR_LOST + LOST_OR_QUESTION,
          LOST);

  /** UTF-8 of U+FFFD. */
  private static final String REPLACEMENT_BYTES = "\u00EF\u00BF\u00BD";

  private ByteRepairs() {}

  /** Puts back the bytes 0xA0 that became spaces ({@code restore_byte_a0}). */
  static byte[] restoreByteA0(byte[] bytes) {
    String view = new String(bytes, StandardCharsets.ISO_8859_1);
    if (!SPACE_FOR_A0.matcher(view).find()) {
      return bytes;
    }
    String separated = A_GRAVE_WORD.matcher(view).replaceAll("\u00C3\u00A0 ");
    return SPACE_FOR_A0
        .matcher(separated)
        .replaceAll(match -> Matcher.quoteReplacement(match.group().replace(' ', '\u00A0')))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Turns sequences with lost bytes into the UTF-8 of U+FFFD ({@code replace_lossy_sequences}). */
  static byte[] replaceLossySequences(byte[] bytes) {
    String view = new String(bytes, StandardCharsets.ISO_8859_1);
    return LOSSY_SEQUENCE
        .matcher(view)
        .replaceAll(REPLACEMENT_BYTES)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Pattern alternatives(String... patterns) {
    return Pattern.compile(String.join("|", patterns));
  }
}
