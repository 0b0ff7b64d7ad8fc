package io.github.f2d4j.model.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The values of a {@code config.json}. A key that is absent or null gives the fallback; a value of
 * the wrong kind is an error that names the file, the key, and what was expected.
 */
public final class ModelConfig {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final JsonNode json;

  private ModelConfig(String name, JsonNode json) {
    this.name = name;
    this.json = json;
  }

  /**
   * The values of a JSON object.
   *
   * @param name what error messages call it, such as its file
   * @throws IllegalArgumentException if {@code json} is not an object
   */
  public static ModelConfig of(String name, JsonNode json) {
    if (!json.isObject()) {
      throw new IllegalArgumentException(
          name + " holds " + shown(json) + " but must be a JSON object of a model's settings");
    }
    return new ModelConfig(name, json);
  }

  /** No values at all, for checkpoints that come without a configuration. */
  public static ModelConfig empty() {
    return new ModelConfig("the (absent) config.json", JsonNodeFactory.instance.objectNode());
  }

  /**
   * The values of a file.
   *
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if it is not a JSON object
   */
  public static ModelConfig read(Path file) throws IOException {
    try {
      return of(file.toString(), JSON.readTree(Files.readString(file, StandardCharsets.UTF_8)));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + " is not JSON (" + e.getOriginalMessage() + "); download it again", e);
    }
  }

  /** What error messages call this configuration. */
  public String name() {
    return name;
  }

  /** Whether {@code key} has a value. */
  public boolean has(String key) {
    return json.hasNonNull(key);
  }

  /** A whole number of at least {@code least}. */
  public int integer(String key, int fallback, int least) {
    return has(key)
        ? toInteger(key, json.get(key), least, "a whole number of at least " + least)
        : fallback;
  }

  /** A whole number of at least 1. */
  public int positive(String key, int fallback) {
    return integer(key, fallback, 1);
  }

  /** A list of whole numbers of at least {@code least}, with at least one of them. */
  public List<Integer> integers(String key, List<Integer> fallback, int least) {
    if (!has(key)) {
      return fallback;
    }
    String expected = "a list of whole numbers of at least " + least;
    List<Integer> values = new ArrayList<>();
    for (JsonNode value : list(key, expected)) {
      values.add(toInteger(key, value, least, expected));
    }
    return List.copyOf(values);
  }

  /** A finite number. */
  public double number(String key, double fallback) {
    return has(key)
        ? require(key, json.get(key), JsonNode::isNumber, "a number").doubleValue()
        : fallback;
  }

  /** True or false. */
  public boolean flag(String key, boolean fallback) {
    return has(key)
        ? require(key, json.get(key), JsonNode::isBoolean, "true or false").booleanValue()
        : fallback;
  }

  /** A string. */
  public String text(String key, String fallback) {
    return has(key)
        ? require(key, json.get(key), JsonNode::isTextual, "a string").textValue()
        : fallback;
  }

  /** A list of strings. */
  public List<String> texts(String key, List<String> fallback) {
    if (!has(key)) {
      return fallback;
    }
    List<String> values = new ArrayList<>();
    for (JsonNode value : list(key, "a list of strings")) {
      values.add(require(key, value, JsonNode::isTextual, "a list of strings").textValue());
    }
    return List.copyOf(values);
  }

  /** An error about the value of {@code key}. */
  public IllegalArgumentException error(String key, String expected) {
    return new IllegalArgumentException(
        name + ": \"" + key + "\" is " + shown(json.get(key)) + " but must be " + expected);
  }

  private JsonNode list(String key, String expected) {
    return require(key, json.get(key), v -> v.isArray() && !v.isEmpty(), expected);
  }

  private int toInteger(String key, JsonNode value, int least, String expected) {
    return require(
            key,
            value,
            v -> v.isIntegralNumber() && v.canConvertToInt() && v.intValue() >= least,
            expected)
        .intValue();
  }

  private JsonNode require(
      String key, JsonNode value, Predicate<JsonNode> accepted, String expected) {
    if (!accepted.test(value)) {
      throw error(key, expected);
    }
    return value;
  }

  private static String shown(JsonNode value) {
    String text = String.valueOf(value);
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }
}
