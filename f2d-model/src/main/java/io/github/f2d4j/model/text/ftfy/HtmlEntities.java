package io.github.f2d4j.model.text.ftfy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * HTML character references as Python's {@code html.unescape} and ftfy's stricter {@code
 * unescape_html} read them.
 *
 * <p>Sources: the HTML standard's list of named references (resource {@code html5-entities.txt},
 * whose head says how it was made) and its table for numeric ones; CPython {@code Lib/html}; ftfy
 * 6.1.1, {@code fixes.py}.
 */
public final class HtmlEntities {
  private static final String RESOURCE = "html5-entities.txt";

  /** Longest name that {@code html.unescape} looks up, in characters. */
  private static final int MAX_NAME = 32;

  /** Longest body of a reference that ftfy looks at, without "&amp;", "#" and ";". */
  private static final int MAX_FTFY_BODY = 24;

  /** Numbers beyond any code point, saturated so that long digit strings cannot overflow. */
  private static final int TOO_LARGE = Character.MAX_CODE_POINT + 1;

  /** Name (with ";" unless the standard allows it without) to text. */
  private static final Map<String, String> NAMES = load();

  /** Names that ftfy knows, all with ";": the standard's, and upper-case forms of simple ones. */
  private static final Map<String, String> FTFY_NAMES = ftfyNames();

  private HtmlEntities() {}

  /**
   * {@code html.unescape}: also references without ";", by the longest name that the text begins
   * with, as browsers do.
   */
  public static String unescape(String text) {
    if (text.indexOf('&') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      int end = c == '&' ? appendReference(text, i, out) : i;
      if (end == i) {
        out.append(c);
        i++;
      } else {
        i = end;
      }
    }
    return out.toString();
  }

  /**
   * {@code ftfy.fixes.unescape_html}: only references that end in ";", besides upper-case forms
   * such as "&amp;EACUTE;" where they cannot be mistaken.
   */
  static String unescapeUnambiguous(String text) {
    if (text.indexOf('&') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      int end = endOfFtfyReference(text, i);
      if (end == i) {
        out.append(text.charAt(i++));
      } else {
        String reference = text.substring(i, end);
        out.append(unescapeWhole(reference));
        i = end;
      }
    }
    return out.toString();
  }

  /** {@code &#?[0-9A-Za-z]{1,24};} at {@code start}, or {@code start} itself. */
  private static int endOfFtfyReference(String text, int start) {
    if (text.charAt(start) != '&') {
      return start;
    }
    int body = text.startsWith("#", start + 1) ? start + 2 : start + 1;
    int i = body;
    while (i < text.length() && i - body <= MAX_FTFY_BODY && isAsciiAlphanumeric(text.charAt(i))) {
      i++;
    }
    boolean complete = i > body && i - body <= MAX_FTFY_BODY && text.startsWith(";", i);
    return complete ? i + 1 : start;
  }

  private static String unescapeWhole(String reference) {
    if (!reference.startsWith("&#")) {
      return FTFY_NAMES.getOrDefault(reference.substring(1), reference);
    }
    String unescaped = unescape(reference);
    // A ";" that is left shows that only a part was a reference.
    return unescaped.indexOf(';') >= 0 ? reference : unescaped;
  }

  /** Appends what the reference at {@code start} stands for; returns its end, or start if none. */
  private static int appendReference(String text, int start, StringBuilder out) {
    int i = start + 1;
    if (text.startsWith("#", i)) {
      return appendNumeric(text, start, out);
    }
    int count = 0;
    while (i < text.length() && count < MAX_NAME && !endsName(text.charAt(i))) {
      i += Character.charCount(text.codePointAt(i));
      count++;
    }
    if (count == 0) {
      return start;
    }
    int end = text.startsWith(";", i) ? i + 1 : i;
    String name = text.substring(start + 1, end);
    String exact = NAMES.get(name);
    if (exact != null) {
      out.append(exact);
      return end;
    }
    for (int length = name.length() - 1; length > 1; length--) {
      String prefix = NAMES.get(name.substring(0, length));
      if (prefix != null) {
        out.append(prefix).append(name, length, name.length());
        return end;
      }
    }
    out.append('&').append(name);
    return end;
  }

  private static boolean endsName(char c) {
    return switch (c) {
      case '\t', '\n', '\f', ' ', '<', '&', '#', ';' -> true;
      default -> false;
    };
  }

  private static int appendNumeric(String text, int start, StringBuilder out) {
    int i = start + 2;
    int radix = 10;
    if (text.startsWith("x", i) || text.startsWith("X", i)) {
      radix = 16;
      i++;
    }
    int digits = i;
    int number = 0;
    while (i < text.length() && text.charAt(i) < 0x80) {
      int digit = Character.digit(text.charAt(i), radix);
      if (digit < 0) {
        break;
      }
      number = Math.min(number * radix + digit, TOO_LARGE);
      i++;
    }
    if (i == digits) {
      return start;
    }
    appendNumbered(number, out);
    return text.startsWith(";", i) ? i + 1 : i;
  }

  /** The HTML standard's "numeric character reference end state", as CPython applies it. */
  private static void appendNumbered(int number, StringBuilder out) {
    if (number == 0 || (number >= 0xD800 && number <= 0xDFFF) || number >= TOO_LARGE) {
      out.append('\uFFFD');
    } else if (number == '\r') {
      out.append('\r');
    } else if (number >= 0x80 && number <= 0x9F) {
      out.append(SingleByteCodec.WINDOWS_1252.decode(number));
    } else if (!isInvalid(number)) {
      out.appendCodePoint(number);
    }
  }

  /** Controls and noncharacters, which stand for nothing. */
  private static boolean isInvalid(int c) {
    return (c >= 0x01 && c <= 0x08)
        || c == 0x0B
        || (c >= 0x0E && c <= 0x1F)
        || (c >= 0x7F && c <= 0x9F)
        || (c >= 0xFDD0 && c <= 0xFDEF)
        || (c & 0xFFFE) == 0xFFFE;
  }

  private static boolean isAsciiAlphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static Map<String, String> ftfyNames() {
    Map<String, String> names = new HashMap<>();
    NAMES.forEach(
        (name, text) -> {
          if (!name.endsWith(";")) {
            return;
          }
          names.put(name, text);
          String upper = name.toUpperCase(Locale.ROOT);
          boolean lowerCase = name.equals(name.toLowerCase(Locale.ROOT));
          if (lowerCase && unescape("&" + upper).equals("&" + upper)) {
            names.put(upper, text.toUpperCase(Locale.ROOT));
          }
        });
    return Map.copyOf(names);
  }

  private static Map<String, String> load() {
    Map<String, String> names = new HashMap<>(4096);
    try (InputStream in = HtmlEntities.class.getResourceAsStream(RESOURCE);
        BufferedReader lines = reader(in)) {
      String line;
      while ((line = lines.readLine()) != null) {
        if (line.startsWith("#")) {
          continue;
        }
        String[] fields = line.split(" ", -1);
        StringBuilder text = new StringBuilder();
        for (int k = 1; k < fields.length; k++) {
          text.appendCodePoint(Integer.parseInt(fields[k], 16));
        }
        names.put(fields[0], text.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the resource " + RESOURCE, e);
    }
    return Map.copyOf(names);
  }

  private static BufferedReader reader(@Nullable InputStream in) {
    if (in == null) {
      throw new IllegalStateException(
          "the resource " + RESOURCE + " is missing beside HtmlEntities; rebuild the jar whole");
    }
    return new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
  }
}
