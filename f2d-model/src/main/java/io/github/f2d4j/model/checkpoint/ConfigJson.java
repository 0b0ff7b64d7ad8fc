package io.github.f2d4j.model.checkpoint;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A model's configuration, read key by key. A key that is absent or null takes the fallback, or is
 * an error where there is none; a value of another type is always an error.
 */
public final class ConfigJson {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final long MAX_BYTES = 16 << 20;
  private static final int LONGEST_QUOTE = 200;

  private final String name;
  private final JsonNode root;

  private ConfigJson(String name, JsonNode root) {
    this.name = name;
    this.root = root;
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException if it is missing, unreadable, or not a JSON object
   */
  public static ConfigJson read(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new ConfigException(
            file + " has " + size + " bytes, expected a configuration of a few thousand");
      }
      return parse(file.toString(), Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          "no " + file + "; a model's folder holds its configuration beside the weights", e);
    } catch (IOException e) {
      throw new ConfigException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Parses a text.
   *
   * @param name what error messages call it
   * @throws ConfigException if it is not a JSON object
   */
  public static ConfigJson parse(String name, String json) {
    try {
      return of(name, JSON.readTree(json));
    } catch (JacksonException e) {
      throw new ConfigException(
          name + " is not JSON: " + e.getOriginalMessage() + "; fetch the file again", e);
    }
  }

  /**
   * A configuration that is a part of another document.
   *
   * @param name what error messages call it
   * @throws ConfigException if it is not a JSON object
   */
  public static ConfigJson of(String name, JsonNode object) {
    if (!object.isObject()) {
      throw new ConfigException(name + " is " + quote(object) + ", expected a JSON object");
    }
    return new ConfigJson(name, object);
  }

  /** Where this configuration comes from. */
  public String name() {
    return name;
  }

  /** The JSON object. */
  public JsonNode json() {
    return root;
  }

  /** Whether {@code key} is present and not null. */
  public boolean has(String key) {
    return root.hasNonNull(key);
  }

  // ---- scalars

  /** An integer. */
  public int integer(String key) {
    return value(key, "an integer", ConfigJson::isInteger, ConfigJson::toInt);
  }

  /** An integer, or {@code fallback}. */
  public int integer(String key, int fallback) {
    return has(key) ? integer(key) : fallback;
  }

  /** An integer of at least 1. */
  public int positive(String key) {
    return value(key, "an integer of at least 1", ConfigJson::isPositive, ConfigJson::toInt);
  }

  /** An integer of at least 1, or {@code fallback}. */
  public int positive(String key, int fallback) {
    return has(key) ? positive(key) : fallback;
  }

  /** A number that single precision can hold. */
  public double number(String key) {
    return value(key, "a number in single precision", ConfigJson::isFloat, JsonNode::doubleValue);
  }

  /** A number that single precision can hold, or {@code fallback}. */
  public double number(String key, double fallback) {
    return has(key) ? number(key) : fallback;
  }

  /** A string. */
  public String text(String key) {
    return value(key, "a string", JsonNode::isTextual, JsonNode::textValue);
  }

  /** A string, or {@code fallback}. */
  public String text(String key, String fallback) {
    return has(key) ? text(key) : fallback;
  }

  /** A string among {@code allowed}, or {@code fallback}. */
  public String choice(String key, String fallback, String... allowed) {
    if (!has(key)) {
      return fallback;
    }
    List<String> choices = Arrays.asList(allowed);
    return value(
        key,
        choices.size() == 1 ? "\"" + allowed[0] + "\"" : "one of " + choices,
        v -> v.isTextual() && choices.contains(v.textValue()),
        JsonNode::textValue);
  }

  /** True or false, or {@code fallback}. */
  public boolean flag(String key, boolean fallback) {
    return has(key)
        ? value(key, "true or false", JsonNode::isBoolean, JsonNode::booleanValue)
        : fallback;
  }

  // ---- lists

  /** A list of integers, not empty. */
  public List<Integer> integers(String key) {
    return list(key, "a list of integers", ConfigJson::isInteger, ConfigJson::toInt);
  }

  /** A list of integers of at least 1, not empty. */
  public List<Integer> positives(String key) {
    return list(key, "a list of integers of at least 1", ConfigJson::isPositive, ConfigJson::toInt);
  }

  /** One integer of at least 1 that stands for all {@code count}, or a list of that many. */
  public List<Integer> positivesFor(String key, int count) {
    if (has(key) && !root.get(key).isArray()) {
      return Collections.nCopies(count, positive(key));
    }
    List<Integer> values = positives(key);
    if (values.size() != count) {
      throw wrong(key, "an integer or a list of " + count + ", one for each block");
    }
    return values;
  }

  /** A list of strings, not empty. */
  public List<String> texts(String key) {
    return list(key, "a list of strings", JsonNode::isTextual, JsonNode::textValue);
  }

  private <T> List<T> list(
      String key, String expected, Predicate<JsonNode> test, Function<JsonNode, T> read) {
    return value(
        key,
        expected,
        v -> v.isArray() && !v.isEmpty() && allElements(v, test),
        v -> {
          List<T> values = new ArrayList<>();
          v.forEach(e -> values.add(read.apply(e)));
          return List.copyOf(values);
        });
  }

  private static boolean allElements(JsonNode array, Predicate<JsonNode> test) {
    for (JsonNode e : array) {
      if (!test.test(e)) {
        return false;
      }
    }
    return true;
  }

  // ---- what is not supported

  /**
   * Requires that a feature is at its neutral setting: the key absent, null, or equal to {@code
   * neutral} (a boolean, number or string).
   *
   * @throws ConfigException naming the key and its value
   */
  public void requireNeutral(String key, Object neutral) {
    JsonNode v = root.get(key);
    if (v == null || v.isNull()) {
      return;
    }
    boolean equal =
        switch (neutral) {
          case Boolean b -> v.isBoolean() && v.booleanValue() == b;
          case Number n -> v.isNumber() && v.doubleValue() == n.doubleValue();
          default -> v.isTextual() && v.textValue().equals(neutral);
        };
    if (!equal) {
      throw new ConfigException(
          name
              + ": "
              + key
              + " is "
              + quote(v)
              + ", which is not supported; expected it absent, null or "
              + neutral);
    }
  }

  /**
   * Requires that an optional feature is switched off: the key absent, null or false.
   *
   * @throws ConfigException naming the key and its value
   */
  public void requireOff(String key) {
    requireNeutral(key, false);
  }

  /** The error that {@code key} does not hold what is {@code expected}. */
  public ConfigException wrong(String key, String expected) {
    JsonNode v = root.get(key);
    String given = v == null ? "is missing" : "is " + quote(v);
    return new ConfigException(name + ": " + key + " " + given + ", expected " + expected);
  }

  // ----

  private <T> T value(
      String key, String expected, Predicate<JsonNode> test, Function<JsonNode, T> read) {
    JsonNode v = root.get(key);
    if (v == null || !test.test(v)) {
      throw wrong(key, expected);
    }
    return read.apply(v);
  }

  private static boolean isFloat(JsonNode v) {
    return v.isNumber() && Float.isFinite(v.floatValue());
  }

  private static boolean isPositive(JsonNode v) {
    return isInteger(v) && v.intValue() >= 1;
  }

  /** Python writes 1.0 where it means 1; a fraction is no integer. */
  private static boolean isInteger(JsonNode v) {
    return v.isNumber() && v.canConvertToExactIntegral() && v.canConvertToInt();
  }

  private static int toInt(JsonNode v) {
    return v.intValue();
  }

  private static String quote(JsonNode v) {
    String s = v.toString();
    return s.length() <= LONGEST_QUOTE ? s : s.substring(0, LONGEST_QUOTE) + "…";
  }

  @Override
  public String toString() {
    return name;
  }
}
