package io.github.f2d4j.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigJsonTest {
  private static final String TEXT =
      """
      {"n": 3, "whole": 4.0, "half": 0.5, "s": "silu", "b": true, "none": null, "zero": 0,
       "list": [1, 2], "names": ["a", "b"], "mixed": [1, "x"], "empty": [], "big": 12345678901}
      """;

  private final ConfigJson config = ConfigJson.parse("unet/config.json", TEXT);

  @Test
  void readsValuesOfTheAskedType() {
    assertEquals(3, config.integer("n"));
    assertEquals(4, config.positive("whole"));
    assertEquals(0, config.integer("zero"));
    assertEquals(0.5, config.number("half"));
    assertEquals("silu", config.text("s"));
    assertTrue(config.flag("b", false));
    assertEquals(List.of(1, 2), config.positives("list"));
    assertEquals(List.of("a", "b"), config.texts("names"));
    assertEquals(List.of(3, 3, 3), config.positivesFor("n", 3));
    assertEquals(List.of(1, 2), config.positivesFor("list", 2));
  }

  @Test
  void absentAndNullTakeTheFallback() {
    assertEquals(7, config.integer("none", 7));
    assertEquals(7, config.positive("absent", 7));
    assertEquals("x", config.text("none", "x"));
    assertEquals("silu", config.choice("absent", "silu", "silu", "gelu"));
  }

  @ParameterizedTest
  @CsvSource({
    "n, text, '\"x\"'",
    "s, integer, '\"silu\"'",
    "half, integer, 0.5",
    "big, integer, 12345678901",
    "zero, positive, 0",
    "none, positive, null",
    "absent, positive, is missing",
    "mixed, positives, '[1,\"x\"]'",
    "empty, positives, []",
    "list, number, '[1,2]'",
  })
  void wrongValuesNameFileKeyAndValue(String key, String kind, String shown) {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> {
              switch (kind) {
                case "text" -> config.text(key);
                case "integer" -> config.integer(key);
                case "positive" -> config.positive(key);
                case "positives" -> config.positives(key);
                case "number" -> config.number(key);
                default -> throw new AssertionError(kind);
              }
            });
    String expected = kind.equals("text") ? "3" : shown;
    assertTrue(e.getMessage().startsWith("unet/config.json: " + key + " "), e.getMessage());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertTrue(e.getMessage().contains("expected "), e.getMessage());
  }

  @Test
  void aListOfAnotherLengthIsRefused() {
    assertThrows(ConfigException.class, () -> config.positivesFor("list", 3));
  }

  @Test
  void choicesAndUnsupportedFeaturesAreRefusedByName() {
    ConfigException choice =
        assertThrows(ConfigException.class, () -> config.choice("s", "gelu", "gelu", "relu"));
    assertEquals(
        "unet/config.json: s is \"silu\", expected one of [gelu, relu]", choice.getMessage());
    config.requireOff("none");
    config.requireOff("absent");
    config.requireNeutral("half", 0.5);
    config.requireNeutral("s", "silu");
    ConfigException on = assertThrows(ConfigException.class, () -> config.requireOff("b"));
    assertTrue(on.getMessage().contains("b is true, which is not supported"), on.getMessage());
    assertThrows(ConfigException.class, () -> config.requireNeutral("n", 1));
  }

  @Test
  void filesThatCannotBeReadAreReported(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("config.json");
    ConfigException missing = assertThrows(ConfigException.class, () -> ConfigJson.read(file));
    assertTrue(missing.getMessage().contains(file.toString()), missing.getMessage());
    for (String bad : List.of("", "{\"a\": ", "[1]", "null", "{\"a\": 1} x")) {
      Files.writeString(file, bad);
      ConfigException e = assertThrows(ConfigException.class, () -> ConfigJson.read(file), bad);
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    }
    Files.writeString(file, "{\"a\": 1}");
    assertEquals(1, ConfigJson.read(file).integer("a"));
  }
}
