package io.github.f2d4j.model.text;

import io.github.f2d4j.model.text.ftfy.PythonText;
import java.util.function.Consumer;

/**
 * Splits cleaned text into the words that byte-pair encoding works on. CLIP's pattern, without
 * regard to case:
 *
 * <pre>{@code
 * <\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
 * }</pre>
 */
final class WordSplitter {
  /** The literals of the pattern, in its order. */
  private static final String[] LITERALS = {
    "<|startoftext|>", "<|endoftext|>", "'s", "'t", "'re", "'ve", "'m", "'ll", "'d"
  };

  /** LATIN SMALL LETTER LONG S, which equals "s" where case is ignored. */
  private static final char LONG_S = '\u017F';

  /**
   * COMBINING GREEK YPOGEGRAMMENI: no letter itself, but equal to iota where case is ignored, so
   * that neither the letters nor "anything but letters" match it: the pattern drops it.
   */
  private static final int YPOGEGRAMMENI = 0x345;

  private WordSplitter() {}

  /** Whether the word is one of the pattern's two special tokens, which are not encoded further. */
  static boolean isSpecial(String word) {
    return word.equals(LITERALS[0]) || word.equals(LITERALS[1]);
  }

  /** Calls {@code word} with each match of the pattern, from left to right. */
  static void split(String text, Consumer<String> word) {
    int i = 0;
    while (i < text.length()) {
      int end = endOfWord(text, i);
      if (end == i) {
        i += Character.charCount(text.codePointAt(i));
      } else {
        word.accept(text.substring(i, end));
        i = end;
      }
    }
  }

  /** End of the match at {@code start}, or {@code start} if there is none. */
  private static int endOfWord(String text, int start) {
    char first = text.charAt(start);
    if (first == '<' || first == '\'') {
      for (String literal : LITERALS) {
        if (startsWith(text, start, literal)) {
          return start + literal.length();
        }
      }
    }
    int c = text.codePointAt(start);
    if (PythonText.isNumber(c)) {
      return start + Character.charCount(c);
    }
    return PythonText.isLetter(c) ? endOfLetters(text, start) : endOfOthers(text, start);
  }

  private static boolean startsWith(String text, int start, String literal) {
    if (text.length() - start < literal.length()) {
      return false;
    }
    for (int k = 0; k < literal.length(); k++) {
      char c = text.charAt(start + k);
      char folded = c == LONG_S ? 's' : Character.toLowerCase(c);
      if (folded != literal.charAt(k)) {
        return false;
      }
    }
    return true;
  }

  private static int endOfLetters(String text, int start) {
    int i = start;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (!PythonText.isLetter(c)) {
        break;
      }
      i += Character.charCount(c);
    }
    return i;
  }

  private static int endOfOthers(String text, int start) {
    int i = start;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (c == YPOGEGRAMMENI
          || PythonText.isWhiteSpace(c)
          || PythonText.isLetter(c)
          || PythonText.isNumber(c)) {
        break;
      }
      i += Character.charCount(c);
    }
    return i;
  }
}
