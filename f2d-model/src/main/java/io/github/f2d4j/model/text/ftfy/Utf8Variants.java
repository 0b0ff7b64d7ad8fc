package io.github.f2d4j.model.text.ftfy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Strict UTF-8, and a second form that also reads Java's two-byte U+0000 (C0 80) and CESU-8, where
 * a character beyond U+FFFF is two surrogates of three bytes each (ftfy 6.1.1, {@code
 * bad_codecs/utf8_variants.py}).
 */
final class Utf8Variants {
  private static final int NULL_LEAD = 0xC0;
  private static final int SURROGATE_LEAD = 0xED;

  private Utf8Variants() {}

  /** The text that the bytes encode, or null if they do not. */
  static @Nullable String decode(byte[] bytes) {
    StringBuilder out = new StringBuilder(bytes.length);
    int plain = 0;
    int i = 0;
    while (i < bytes.length) {
      int special = specialLength(bytes, i);
      if (special == 0) {
        i++;
        continue;
      }
      if (!appendStrict(bytes, plain, i, out)) {
        return null;
      }
      out.appendCodePoint(special == 2 ? 0 : surrogatePair(bytes, i));
      i += special;
      plain = i;
    }
    return appendStrict(bytes, plain, bytes.length, out) ? out.toString() : null;
  }

  /** Bytes of the special sequence at {@code i}: 2 for U+0000, 6 for two surrogates, else 0. */
  private static int specialLength(byte[] bytes, int i) {
    int lead = bytes[i] & 0xFF;
    if (lead == NULL_LEAD) {
      return in(bytes, i + 1, 0x80, 0x80) || isLastNewline(bytes, i + 1) ? 2 : 0;
    }
    boolean pair =
        lead == SURROGATE_LEAD
            && in(bytes, i + 1, 0xA0, 0xAF)
            && in(bytes, i + 2, 0x80, 0xBF)
            && in(bytes, i + 3, SURROGATE_LEAD, SURROGATE_LEAD)
            && in(bytes, i + 4, 0xB0, 0xBF)
            && (in(bytes, i + 5, 0x80, 0xBF) || isLastNewline(bytes, i + 5));
    return pair ? 6 : 0;
  }

  /**
   * ftfy's patterns end in {@code $}, which in Python also matches before a final line break; so a
   * truncated sequence there swallows the line break.
   */
  private static boolean isLastNewline(byte[] bytes, int i) {
    return i == bytes.length - 1 && bytes[i] == '\n';
  }

  private static boolean in(byte[] bytes, int i, int first, int last) {
    return i < bytes.length && (bytes[i] & 0xFF) >= first && (bytes[i] & 0xFF) <= last;
  }

  /** 11101101 1010abcd 10efghij 11101101 1011klmn 10opqrst, bits a to t plus 0x10000. */
  private static int surrogatePair(byte[] bytes, int i) {
    return 0x10000
        + ((bytes[i + 1] & 0x0F) << 16)
        + ((bytes[i + 2] & 0x3F) << 10)
        + ((bytes[i + 4] & 0x0F) << 6)
        + (bytes[i + 5] & 0x3F);
  }

  private static boolean appendStrict(byte[] bytes, int from, int to, StringBuilder out) {
    try {
      out.append(
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes, from, to - from)));
      return true;
    } catch (CharacterCodingException malformed) {
      return false;
    }
  }
}
