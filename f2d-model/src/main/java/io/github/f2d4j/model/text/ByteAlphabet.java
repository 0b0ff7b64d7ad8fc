package io.github.f2d4j.model.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One visible character for each byte, so that vocabulary files hold no white space or control
 * characters: printable Latin-1 stands for itself, the other 68 bytes for U+0100 onwards ({@code
 * bytes_to_unicode} of GPT-2 and CLIP).
 */
final class ByteAlphabet {
  private static final char[] CHARACTERS = characters();
  private static final short[] BYTES = bytes();

  private ByteAlphabet() {}

  /** The character that stands for byte {@code b} (0 to 255). */
  static char character(int b) {
    return CHARACTERS[b];
  }

  /** Appends the bytes that {@code symbols} stand for; foreign characters as their own UTF-8. */
  static void decode(String symbols, ByteArrayOutputStream out) {
    symbols
        .codePoints()
        .forEach(
            c -> {
              if (c < BYTES.length && BYTES[c] >= 0) {
                out.write(BYTES[c]);
              } else {
                out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
              }
            });
  }

  /** The UTF-8 bytes of {@code word}; lone surrogates count as U+FFFD. */
  static byte[] utf8(String word) {
    StringBuilder repaired = new StringBuilder(word.length());
    word.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .forEach(repaired::appendCodePoint);
    return repaired.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static char[] characters() {
    char[] characters = new char[256];
    char next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable =
          (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
      characters[b] = printable ? (char) b : next++;
    }
    return characters;
  }

  private static short[] bytes() {
    short[] bytes = new short[0x200];
    Arrays.fill(bytes, (short) -1);
    for (int b = 0; b < 256; b++) {
      bytes[CHARACTERS[b]] = (short) b;
    }
    return bytes;
  }
}
