package io.github.f2d4j.weights.safetensors;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The content of a {@code *.index.json}.
 *
 * @param weightMap tensor name → file name of its shard
 * @param metadata scalar values of {@code metadata}
 */
record ShardIndex(Map<String, String> weightMap, Map<String, String> metadata) {
  private static final long MAX_BYTES = 100_000_000;
  private static final String DAMAGED =
      "The index is damaged or was written for shards of another kind; fetch it again";

  /**
   * Reads an index.
   *
   * @param shardSuffix how the names of its shards must end
   * @throws SafetensorsException if it breaks a rule of its format
   */
  static ShardIndex read(Path file, String shardSuffix) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "no such index file; check the path, or download the model");
    }
    if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
      throw broken(file, "an index must be a file", "another thing", "a file of at most 100 MB");
    }
    byte[] bytes = Files.readAllBytes(file);
    try (JsonParser parser = StrictJson.parser(StrictJson.decodeUtf8(file, bytes, "the index"))) {
      return parse(file, shardSuffix, parser);
    } catch (JsonProcessingException e) {
      throw new SafetensorsException(
          file,
          "an index must be one JSON object",
          "malformed JSON (" + e.getOriginalMessage() + ")",
          "valid JSON",
          DAMAGED,
          e);
    }
  }

  private static ShardIndex parse(Path file, String shardSuffix, JsonParser parser)
      throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw broken(file, "an index must be one JSON object", "another value", "an object");
    }
    Map<String, String> weightMap = null;
    Map<String, String> metadata = Map.of();
    Set<String> fields = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      if (!fields.add(field)) {
        throw broken(file, "an index must hold each field once", quote(field) + " twice", "once");
      }
      switch (field) {
        case "weight_map" -> weightMap = StrictJson.strings(file, parser, "weight_map");
        case "metadata" -> metadata = scalars(parser);
        default -> {
          parser.nextToken();
          parser.skipChildren();
        }
      }
    }
    if (parser.nextToken() != null) {
      throw broken(file, "an index must be one JSON object", "more after it", "its end");
    }
    return checked(file, shardSuffix, weightMap, metadata);
  }

  private static ShardIndex checked(
      Path file,
      String shardSuffix,
      @Nullable Map<String, String> weightMap,
      Map<String, String> metadata)
      throws SafetensorsException {
    if (weightMap == null) {
      throw broken(file, "an index must hold weight_map", "none", "tensor name → shard file");
    }
    for (String shard : weightMap.values()) {
      requirePlainName(file, shard, shardSuffix);
    }
    return new ShardIndex(weightMap, metadata);
  }

  /** A shard lies beside its index: a name with a path could read any file of the user's. */
  private static void requirePlainName(Path file, String shard, String suffix)
      throws SafetensorsException {
    boolean plain =
        shard.endsWith(suffix)
            && !shard.startsWith(".")
            && shard.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
    if (!plain) {
      throw broken(
          file,
          "a shard must be a plain file name beside the index",
          quote(shard),
          "a name such as 'model-00001-of-00002" + suffix + "' without a path");
    }
  }

  private static Map<String, String> scalars(JsonParser parser) throws IOException {
    Map<String, String> map = new LinkedHashMap<>();
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return Map.of();
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      if (parser.nextToken().isScalarValue()) {
        map.put(key, parser.getText());
      } else {
        parser.skipChildren();
      }
    }
    return Collections.unmodifiableMap(map);
  }

  private static SafetensorsException broken(
      Path file, String rule, String found, String expected) {
    return new SafetensorsException(file, rule, found, expected, DAMAGED);
  }
}
