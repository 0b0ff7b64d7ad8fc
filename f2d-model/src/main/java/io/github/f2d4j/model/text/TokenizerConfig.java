package io.github.f2d4j.model.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Length and special tokens, from the optional files {@code special_tokens_map.json} and {@code
 * tokenizer_config.json}; what neither gives is as in CLIP ViT-L/14.
 */
record TokenizerConfig(int maxLength, String bos, String eos, String unk, String pad) {
  private static final int DEFAULT_LENGTH = 77;
  private static final String DEFAULT_BOS = "<|startoftext|>";
  private static final String DEFAULT_EOS = "<|endoftext|>";

  /** Hugging Face writes 1e30 for "no limit"; no CLIP model has more positions than this. */
  private static final double MAX_LENGTH = 1 << 20;

  private static final String REMEDY =
      "take the file from the tokenizer folder of the model, or delete it to use CLIP's defaults";

  static TokenizerConfig read(Path folder) throws IOException {
    Path configFile = folder.resolve("tokenizer_config.json");
    Path mapFile = folder.resolve("special_tokens_map.json");
    JsonNode config = object(configFile);
    JsonNode map = object(mapFile);
    String eos = special("eos_token", DEFAULT_EOS, map, mapFile, config, configFile);
    return new TokenizerConfig(
        maxLength(config, configFile),
        special("bos_token", DEFAULT_BOS, map, mapFile, config, configFile),
        eos,
        special("unk_token", eos, map, mapFile, config, configFile),
        special("pad_token", eos, map, mapFile, config, configFile));
  }

  private static JsonNode object(Path file) throws IOException {
    if (!Files.exists(file)) {
      return MissingNode.getInstance();
    }
    try {
      JsonNode node = new ObjectMapper().readTree(file.toFile());
      if (!node.isObject()) {
        throw new TokenizerFormatException(file, "is not a JSON object", REMEDY);
      }
      return node;
    } catch (JsonProcessingException e) {
      throw new TokenizerFormatException(
          file, "is not valid JSON (" + e.getOriginalMessage() + ")", REMEDY, e);
    } catch (CharConversionException e) {
      // a file whose first bytes look like UTF-16 or UTF-32
      throw new TokenizerFormatException(
          file, "is not text in UTF-8 (" + e.getMessage() + ")", REMEDY, e);
    }
  }

  private static int maxLength(JsonNode config, Path file) throws TokenizerFormatException {
    JsonNode length = config.path("model_max_length");
    if (length.isMissingNode() || length.isNull()) {
      return DEFAULT_LENGTH;
    }
    if (!length.isNumber() || length.doubleValue() < 2) {
      throw new TokenizerFormatException(
          file, "model_max_length is " + length + ", expected a whole number from 2", REMEDY);
    }
    return length.doubleValue() > MAX_LENGTH ? DEFAULT_LENGTH : length.intValue();
  }

  private static String special(
      String name, String fallback, JsonNode map, Path mapFile, JsonNode config, Path configFile)
      throws TokenizerFormatException {
    JsonNode inMap = map.path(name);
    boolean useMap = !inMap.isMissingNode() && !inMap.isNull();
    JsonNode node = useMap ? inMap : config.path(name);
    if (node.isMissingNode() || node.isNull()) {
      return fallback;
    }
    // Either the token itself or an object that describes it.
    JsonNode content = node.isObject() ? node.path("content") : node;
    if (!content.isTextual() || content.textValue().isEmpty()) {
      throw new TokenizerFormatException(
          useMap ? mapFile : configFile,
          name + " is " + node + ", expected a token such as \"" + fallback + '"',
          REMEDY);
    }
    return content.textValue();
  }
}
