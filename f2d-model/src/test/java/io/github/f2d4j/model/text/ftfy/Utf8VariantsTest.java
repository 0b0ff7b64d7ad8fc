package io.github.f2d4j.model.text.ftfy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8VariantsTest {
  @Property
  void readsOrdinaryUtf8(@ForAll String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    assertEquals(new String(bytes, StandardCharsets.UTF_8), Utf8Variants.decode(bytes));
  }

  /**
   * Expected values from the codec "utf-8-variants" of ftfy 6.1.1, the last two being its quirks.
   */
  @ParameterizedTest
  @CsvSource({
    "41c08042, 0041 0000 0042",
    "eda0bdedb8803f, D83D DE00 003F",
    "f09f9880, D83D DE00",
    "ed9fbf, D7FF",
    "41c00a, 0041 0000",
    "eda0bdedb80a, D83D DE0A"
  })
  void readsJavasNullAndPairsOfSurrogates(String hex, String units) {
    StringBuilder expected = new StringBuilder();
    for (String unit : units.split(" ", -1)) {
      expected.append((char) Integer.parseInt(unit, 16));
    }
    assertEquals(expected.toString(), Utf8Variants.decode(HexFormat.of().parseHex(hex)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"c0", "c00a41", "c081", "eda0bd", "eda0bd41", "edb080eda080", "80", "e282", "f8"})
  void refusesWhatIsNotUtf8(String hex) {
    assertNull(Utf8Variants.decode(HexFormat.of().parseHex(hex)));
  }
}
