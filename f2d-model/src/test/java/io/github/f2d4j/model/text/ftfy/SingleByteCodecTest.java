package io.github.f2d4j.model.text.ftfy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.Charset;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SingleByteCodecTest {
  static Stream<Arguments> charsets() {
    return Stream.of(
        arguments("ISO-8859-1", SingleByteCodec.LATIN_1),
        arguments("windows-1252", SingleByteCodec.WINDOWS_1252),
        arguments("windows-1251", SingleByteCodec.WINDOWS_1251),
        arguments("windows-1250", SingleByteCodec.WINDOWS_1250),
        arguments("windows-1253", SingleByteCodec.WINDOWS_1253),
        arguments("windows-1254", SingleByteCodec.WINDOWS_1254),
        arguments("ISO-8859-2", SingleByteCodec.ISO_8859_2),
        arguments("x-MacRoman", SingleByteCodec.MAC_ROMAN),
        arguments("IBM437", SingleByteCodec.CP437));
  }

  @ParameterizedTest
  @MethodSource("charsets")
  void agreesWithTheCharsetOfTheJdk(String name, SingleByteCodec codec) {
    assumeTrue(Charset.isSupported(name), name + " is in the optional module jdk.charsets");
    Charset charset = Charset.forName(name);
    for (int b = 0; b < 256; b++) {
      char expected = new String(new byte[] {(byte) b}, charset).charAt(0);
      if (expected == '\uFFFD') {
        expected = (char) b; // unassigned: passes through
      }
      if (b == 0x1A && codec.sloppy()) {
        expected = '\uFFFD';
      }
      assertEquals(expected, codec.decode(b), name + " byte " + Integer.toHexString(b));
    }
  }

  @ParameterizedTest
  @MethodSource("charsets")
  void encodesWhatItDecodes(String name, SingleByteCodec codec) {
    StringBuilder all = new StringBuilder();
    byte[] bytes = new byte[256];
    for (int b = 0; b < 256; b++) {
      all.append(codec.decode(b));
      bytes[b] = (byte) b;
    }
    assertArrayEquals(bytes, codec.encode(all.toString()), name);
    assertNull(codec.encode("\u732B"), name);
    assertNull(codec.encode("\uD83D\uDE00"), name);
  }

  @Test
  void sloppyEncodingsStandInForLostCharacters() {
    assertArrayEquals(new byte[] {0x1A}, SingleByteCodec.WINDOWS_1252.encode("\uFFFD"));
    assertNull(SingleByteCodec.WINDOWS_1252.encode("\u001A"));
    assertNull(SingleByteCodec.LATIN_1.encode("\uFFFD"));
  }
}
