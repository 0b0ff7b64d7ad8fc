package io.github.f2d4j.model.text.ftfy;

/**
 * Undoes mojibake: finds the single-byte encoding in which UTF-8 was misread, and reads it again.
 *
 * <p>Source: {@code fix_encoding} of <a
 * href="https://github.com/rspeer/python-ftfy/blob/v6.1.1/ftfy/__init__.py">ftfy 6.1.1</a> and
 * {@code decode_inconsistent_utf8} of its {@code fixes.py} (Robyn Speer, MIT licence).
 */
final class EncodingFixer {
  private static final CharClasses CLASSES = new CharClasses();

  // What the bytes of UTF-8 look like in the encodings of SingleByteCodec.

  private static final long FIRST_OF_2 =
      CLASSES.define(
          "ÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßĂĆČĎĐĘĚĞİĹŃŇŐŘŞŢŮŰ"
              + "\u0392-\u03A1\u03A3-\u03A9\u03AA\u03AB\u03AC-\u03AF"
              + "ВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ");

  private static final long FIRST_OF_3 =
      CLASSES.define("àáâãäåæçèéêëìíîïăćčďęěĺŕ\u03B0-\u03BF" + "абвгдежзийклмноп");

  private static final long FIRST_OF_4 = CLASSES.define("ðóđğ\u03C0\u03C3ру");

  /** Continuation bytes that hardly stand for themselves. */
  private static final long CONTINUATION_STRICT =
      CLASSES.define(
          "\u0080-\u00BFĄąĽľŁłŒœŚśŞşŠšŤťŸŹźŻżŽžƒˆˇ˘˛˜˝\u0384\u0385"
              + "ΆΈΉΊΌΎΏЁЂЃЄЅІЇЈЉЊЋЌЎЏёђѓєѕіїјљњћќўџҐґ†‡•‰‹›€№™");

  /** The others: dashes, quotation marks, the ellipsis, and a space for byte 0xA0. */
  private static final long CONTINUATION_LOOSE = CLASSES.define(" –—―‘’‚“”„…");

  private static final long CONTINUATION = CONTINUATION_STRICT | CONTINUATION_LOOSE;

  private final WorkLimit limit;

  EncodingFixer(WorkLimit limit) {
    this.limit = limit;
  }

  /** Repeats the single step until nothing changes. */
  String fix(String text) {
    String current = text;
    while (limit.allows(current.length())) {
      String next = step(current);
      if (next.equals(current)) {
        break;
      }
      current = next;
    }
    return current;
  }

  private String step(String text) {
    if (isAscii(text) || !Badness.isBad(text)) {
      return text;
    }
    for (SingleByteCodec codec : SingleByteCodec.ALL) {
      byte[] bytes = codec.encode(text);
      if (bytes == null) {
        continue;
      }
      bytes = ByteRepairs.restoreByteA0(bytes);
      if (codec.sloppy()) {
        bytes = ByteRepairs.replaceLossySequences(bytes);
      }
      String decoded = Utf8Variants.decode(bytes);
      if (decoded != null) {
        return decoded;
      }
    }
    String embedded = fixEmbedded(text);
    if (!embedded.equals(text)) {
      return embedded;
    }
    // Nobody means C1 controls: they are windows-1252 characters. (ftfy first tries strict
    // windows-1252 on Latin-1 text; where that succeeds the result is the same.)
    return CharacterFixes.fixC1Controls(text);
  }

  /**
   * Fixes runs that are surely UTF-8 misread, inside of text that as a whole is not ({@code
   * decode_inconsistent_utf8}).
   */
  private String fixEmbedded(String text) {
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      int end = i == 0 || !in(text, i - 1, CONTINUATION_STRICT) ? endOfRun(text, i) : i;
      if (end == i) {
        out.append(text.charAt(i++));
        continue;
      }
      String run = text.substring(i, end);
      boolean shorter = run.length() < text.length();
      out.append(shorter && Badness.isBad(run) ? fix(run) : run);
      i = end;
    }
    return out.toString();
  }

  /** End of the longest run of whole misread UTF-8 sequences from {@code start}. */
  private static int endOfRun(String text, int start) {
    int i = start;
    while (true) {
      int continuations = continuations(text, i);
      if (continuations == 0) {
        return i;
      }
      for (int k = 1; k <= continuations; k++) {
        if (!in(text, i + k, CONTINUATION)) {
          return i;
        }
      }
      i += 1 + continuations;
    }
  }

  /** How many continuation bytes the character asks for as a first byte; 0 if it is none. */
  private static int continuations(String text, int i) {
    if (in(text, i, FIRST_OF_2)) {
      return 1;
    }
    if (in(text, i, FIRST_OF_3)) {
      return 2;
    }
    return in(text, i, FIRST_OF_4) ? 3 : 0;
  }

  private static boolean in(String text, int i, long classes) {
    return i < text.length() && (CLASSES.of(text.charAt(i)) & classes) != 0;
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }
}
