package io.github.f2d4j.model.text.ftfy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HtmlEntitiesTest {
  /** Expected values from CPython 3.11's html.unescape. */
  static Stream<Arguments> references() {
    return Stream.of(
        arguments("no entities here", "no entities here"),
        arguments("&amp; &amp", "& &"),
        arguments("&ampere", "&ere"),
        arguments("&amp;quot;", "&quot;"),
        arguments("&#65;&#x41;&#X41&#65", "AAAA"),
        arguments("&notin;", "\u2209"),
        arguments("&notit;", "\u00ACit;"),
        arguments("&notindot;", "\u22F5\u0338"),
        arguments("&Jscr;", "\uD835\uDCA5"),
        arguments("&unknown;", "&unknown;"),
        arguments("&#x80;&#150;&#x81;", "\u20AC\u2013\u0081"),
        arguments("&#0;&#xD800;&#x110000;&#99999999999999999999;", "\uFFFD\uFFFD\uFFFD\uFFFD"),
        arguments("x&#1;&#xFFFE;&#x1FFFF;y", "xy"),
        arguments("&; &# &#; &#x; &x", "&; &# &#; &#x; &x"),
        arguments("&Eacute&eacute;&EACUTE;", "\u00C9\u00E9&EACUTE;"));
  }

  @ParameterizedTest
  @MethodSource("references")
  void unescapesAsPythonDoes(String text, String expected) {
    assertEquals(expected, HtmlEntities.unescape(text));
  }

  /** Expected values from ftfy 6.1.1's fixes.unescape_html. */
  static Stream<Arguments> unambiguous() {
    return Stream.of(
        arguments("&lt;tag&gt;", "<tag>"),
        arguments("&Jscr;ohn &HilbertSpace;ancock", "\uD835\uDCA5ohn \u210Bancock"),
        arguments("&checkmark;", "\u2713"),
        arguments("this&not that &amp", "this&not that &amp"),
        arguments("P&EACUTE;REZ", "P\u00C9REZ"),
        arguments("&nTILDE;", "&nTILDE;"),
        arguments("&#12ab; &#59;", "&#12ab; &#59;"),
        arguments("&#x2019;", "\u2019"));
  }

  @ParameterizedTest
  @MethodSource("unambiguous")
  void unescapesOnlyWholeReferencesForFtfy(String text, String expected) {
    assertEquals(expected, HtmlEntities.unescapeUnambiguous(text));
  }

  @Test
  void knowsNamesWithTwoCharacters() {
    assertEquals("\u2242\u0338", HtmlEntities.unescape("&NotEqualTilde;"));
  }

  @Property
  void neverFails(
      @ForAll @Chars({'&', '#', 'x', ';', 'a', 'm', 'p'}) @CharRange(to = '9') String s) {
    assertTrue(HtmlEntities.unescape(s).length() <= s.length());
    assertTrue(HtmlEntities.unescapeUnambiguous(s).length() <= s.length());
  }
}
