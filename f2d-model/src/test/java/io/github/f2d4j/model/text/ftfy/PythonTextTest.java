package io.github.f2d4j.model.text.ftfy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Locale;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PythonTextTest {
  /** Expected values from CPython's str.lower. */
  static Stream<Arguments> lowered() {
    return Stream.of(
        arguments("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        arguments("Σ", "σ"),
        arguments("ΑΣ.", "ας."),
        arguments("ΑΣ.Β", "ασ.β"),
        arguments("ΑΣ Β", "ας β"),
        arguments("Α'Σ\u0301", "α'ς\u0301"),
        arguments("1Σ", "1σ"),
        arguments("İstanbul", "i\u0307stanbul"),
        arguments("GROẞE", "große"),
        arguments("\uD801\uDC00", "\uD801\uDC28"));
  }

  @ParameterizedTest
  @MethodSource("lowered")
  void lowersAsPythonDoes(String text, String expected) {
    assertEquals(expected, PythonText.lower(text));
  }

  /** Java's own lower case is the slow twin; sigma is left out, where the two differ. */
  @Property
  void lowersAsJavaDoesWithoutSigma(@ForAll String text) {
    String plain = text.replace('Σ', 'S');
    assertEquals(plain.toLowerCase(Locale.ROOT), PythonText.lower(plain));
  }

  @Test
  void stripsInformationSeparatorsToo() {
    assertEquals("a\u001Fb", PythonText.strip("\u001C \u3000a\u001Fb\u0085\u001F"));
    assertEquals("", PythonText.strip(" \t\n"));
    assertTrue(PythonText.isSpace(0x1C));
    assertFalse(PythonText.isWhiteSpace(0x1C));
  }

  @Test
  void collapsesRunsOfWhiteSpace() {
    assertEquals("a b c", PythonText.collapseWhiteSpace("\u2003a \t\r\n\u00A0b\u2028c\u0085"));
    assertEquals("a\u200Bb\u001Fc", PythonText.collapseWhiteSpace("a\u200Bb\u001Fc"));
  }
}
