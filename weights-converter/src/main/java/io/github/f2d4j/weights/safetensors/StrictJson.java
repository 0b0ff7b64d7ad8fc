package io.github.f2d4j.weights.safetensors;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** JSON as untrusted files hold it: bounded depth, valid UTF-8 only, no duplicate names. */
final class StrictJson {
  /** Headers need 4 levels; the limit keeps a bomb of brackets from costing anything. */
  static final int MAX_DEPTH = 32;

  private static final String DAMAGED =
      "The file is damaged or was not written by a safetensors writer; fetch or convert it again";

  /** Names are not shared between files: a hostile file must not fill a symbol table. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(40)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private StrictJson() {}

  static JsonParser parser(String text) throws IOException {
    return FACTORY.createParser(text);
  }

  static String decodeUtf8(Path file, byte[] bytes, String what) throws SafetensorsException {
    try {
      // A new decoder reports malformed input instead of replacing it.
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new SafetensorsException(
          file, what + " must be UTF-8", "malformed bytes", "valid UTF-8", DAMAGED, e);
    }
  }

  /** An object of strings; the parser stands before its value. */
  static Map<String, String> strings(Path file, JsonParser parser, String what) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new SafetensorsException(
          file, what + " must be a JSON object", "another value", "an object of strings", DAMAGED);
    }
    Map<String, String> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      requireWholeCharacters(file, key, "a key of " + what);
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw new SafetensorsException(
            file,
            "values of " + what + " must be strings",
            "another value for " + quote(key),
            "a string",
            DAMAGED);
      }
      String value = parser.getText();
      requireWholeCharacters(file, value, "a value of " + what);
      if (map.put(key, value) != null) {
        throw new SafetensorsException(
            file, "keys of " + what + " must be unique", quote(key) + " twice", "it once", DAMAGED);
      }
    }
    return Collections.unmodifiableMap(map);
  }

  /** Refuses half a surrogate pair, which JSON can spell but UTF-8 cannot hold. */
  static void requireWholeCharacters(Path file, String text, String what)
      throws SafetensorsException {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new SafetensorsException(
          file,
          what + " must be Unicode text",
          "an unpaired surrogate in " + quote(text),
          "whole characters",
          DAMAGED);
    }
  }
}
