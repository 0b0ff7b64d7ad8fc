package io.github.f2d4j.model.text.ftfy;

import org.jspecify.annotations.Nullable;

/**
 * Up to 56 character classes as bits of one {@code long} per character of the basic plane, so that
 * "is this character in the union of these classes" is one lookup and one AND.
 */
final class CharClasses {
  private static final int MAX_CLASSES = 56;

  private final long[] @Nullable [] pages = new long[256][];
  private int defined;

  /**
   * Defines the next class.
   *
   * @param members its characters; {@code a-z} means the whole range
   * @return the bit of the class; unions are formed by {@code |}
   */
  long define(String members) {
    if (defined == MAX_CLASSES) {
      throw new IllegalStateException("no more than " + MAX_CLASSES + " classes");
    }
    long bit = 1L << defined++;
    int i = 0;
    while (i < members.length()) {
      char first = members.charAt(i);
      char last = first;
      if (i + 2 < members.length() && members.charAt(i + 1) == '-') {
        last = members.charAt(i + 2);
        i += 2;
      }
      i++;
      for (int c = first; c <= last; c++) {
        add(c, bit);
      }
    }
    return bit;
  }

  private void add(int c, long bit) {
    long[] page = pages[c >> 8];
    if (page == null) {
      page = new long[256];
      pages[c >> 8] = page;
    }
    page[c & 0xFF] |= bit;
  }

  /** The classes that the code point is in. */
  long of(int codePoint) {
    if (codePoint > 0xFFFF) {
      return 0;
    }
    long[] page = pages[codePoint >> 8];
    return page == null ? 0 : page[codePoint & 0xFF];
  }
}
