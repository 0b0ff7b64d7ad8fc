package io.github.f2d4j.model.text.ftfy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextFixerTest {
  /** The examples of ftfy 6.1.1's own documentation: docstrings of __init__.py and fixes.py. */
  static Stream<Arguments> documented() {
    return Stream.of(
        arguments("âœ” No problems", "✔ No problems"),
        arguments("&macr;\\_(ã\u0083\u0084)_/&macr;", "¯\\_(ツ)_/¯"),
        arguments("Broken text&hellip; it&#x2019;s ﬂubberiﬁc!", "Broken text… it's flubberific!"),
        arguments("ＬＯＵＤ　ＮＯＩＳＥＳ", "LOUD NOISES"),
        arguments("Ｕﾀｰﾝ", "Uターン"),
        arguments("sÃ³", "só"),
        arguments("voilÃ le travail", "voilà le travail"),
        arguments("&ATILDE;&SUP3;", "ó"),
        arguments("P&EACUTE;REZ", "PÉREZ"),
        arguments("BUNDESSTRA&SZLIG;E", "BUNDESSTRASSE"),
        arguments("&ntilde; &Ntilde; &NTILDE; &nTILDE;", "ñ Ñ Ñ &nTILDE;"),
        arguments(
            "\u001b[36;44mI'm blue, da ba dee da ba doo...\u001b[0m",
            "I'm blue, da ba dee da ba doo..."),
        arguments("\u201chere\u2019s a test\u201d", "\"here's a test\""),
        arguments("ﬂuﬃeﬆ", "fluffiest"),
        arguments(
            "This string is made of two things:\u20291. Unicode\u20282. Spite",
            "This string is made of two things:\n1. Unicode\n2. Spite"),
        arguments("Content-type: text/plain\r\n\r\nHi.", "Content-type: text/plain\n\nHi."),
        arguments(
            "This is how Microsoft \r trolls Mac users",
            "This is how Microsoft \n trolls Mac users"),
        arguments("\udca9\ud83d", "\uFFFD\uFFFD"),
        arguments("â€œ like this â€\uFFFD", "\" like this \uFFFD"));
  }

  @ParameterizedTest
  @MethodSource("documented")
  void repeatsTheDocumentedExamples(String broken, String fixed) {
    assertEquals(fixed, TextFixer.fixText(broken));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a photo of f l",
        "caf\u00E9 na\u00EFve Z\u00FCrich",
        "\u0441\u0430\u043C\u043E\u043B\u0451\u0442",
        "\u0391\u03B8\u03AE\u03BD\u03B1",
        "\u732B\u306E\u5199\u771F",
        "5 \u20AC and 3 \u00A3",
        "\u00ABguillemets\u00BB",
        "\uD83D\uDE00 smile"
      })
  void leavesGoodTextAlone(String text) {
    assertFalse(Badness.isBad(text));
    assertEquals(text, TextFixer.fixText(text));
  }

  @Test
  void undoesRepeatedMisreading() {
    String text = "\u201Eschöne Grüße\u201C — naïveté";
    String misread = text;
    for (int depth = 0; depth < 4; depth++) {
      misread = new String(misread.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
      assertTrue(Badness.isBad(misread), misread);
      assertEquals("\"schöne Grüße\" — naïveté", TextFixer.fixText(misread));
    }
  }

  @Test
  void fixesMojibakeBesideCharactersOutsideTheEncoding() {
    assertEquals("猫 and \u00E9t\u00E9", TextFixer.fixText("猫 and \u00C3\u00A9t\u00C3\u00A9"));
  }

  @Test
  void unescapesUntilTheFirstTagOnly() {
    assertEquals("&\n<b>&amp;</b>\n&amp;", TextFixer.fixText("&amp;\n<b>&amp;</b>\n&amp;"));
    assertEquals("<b>", TextFixer.fixText("&amp;lt;b&amp;gt;"));
  }

  @Test
  void composesAccents() {
    assertEquals("\u00E9", TextFixer.fixText("e\u0301"));
  }

  @Test
  void removesControlsButKeepsJoiners() {
    assertEquals("ab\tc\nd", TextFixer.fixText("\uFEFFa\u0000b\u0007\tc\n\u206Ad\uFFFC"));
    assertEquals("a\u200Db\u200Ec", TextFixer.fixText("a\u200Db\u200Ec"));
  }

  @Test
  void readsControlsOfLatin1AsWindows1252() {
    assertEquals("50 € …", TextFixer.fixText("50 \u0080 \u0085"));
  }

  @Property
  void neverFailsAndLeavesNoControls(@ForAll @StringLength(max = 60) String text) {
    String fixed = TextFixer.fixText(text);
    assertTrue(fixed.codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF));
    assertTrue(fixed.codePoints().noneMatch(c -> c < 0x09 || c == 0x7F || c == 0xFEFF));
  }

  /** Input whose cost would be quadratic if steps were repeated or sorted without bound. */
  @ParameterizedTest
  @ValueSource(strings = {"amp;", "\u0301", "\u0323\u0301", "Ã©", "&", "\u001b[1", "â€", "Σ'"})
  void copesWithLongHostileText(String unit) {
    String text = "&" + unit.repeat((1 << 17) / unit.length());
    assertTrue(TextFixer.fixText(text).length() <= text.length());
  }
}
