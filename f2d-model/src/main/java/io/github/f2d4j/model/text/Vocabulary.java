package io.github.f2d4j.model.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tokens of {@code vocab.json}: a JSON object from token to id. */
final class Vocabulary {
  /** What a token of a word's last piece ends in. */
  static final String END_OF_WORD = "</w>";

  private static final String REMEDY =
      "take vocab.json from the tokenizer folder of the model, where it maps each token to its id,"
          + " as in {\"!\": 0, \"a</w>\": 320}";

  /** Bound on ids, so that a damaged file cannot ask for a huge table. CLIP has 49,408. */
  private static final int MAX_ID = (1 << 22) - 1;

  private final Map<String, Integer> ids;
  private final @Nullable String[] tokens;

  private Vocabulary(Map<String, Integer> ids, @Nullable String[] tokens) {
    this.ids = ids;
    this.tokens = tokens;
  }

  /** Reads the file; every id must be used once. */
  static Vocabulary read(Path file) throws IOException {
    Map<String, Integer> ids = new HashMap<>();
    int largest = -1;
    try (JsonParser json = JsonFactory.builder().build().createParser(file.toFile())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw malformed(file, "does not begin with a JSON object", null);
      }
      for (String token = json.nextFieldName(); token != null; token = json.nextFieldName()) {
        int id = id(file, json, token);
        if (ids.put(token, id) != null) {
          throw malformed(file, "holds the token \"" + token + "\" twice", null);
        }
        largest = Math.max(largest, id);
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw malformed(file, "goes on after the JSON object", null);
      }
    } catch (JsonProcessingException e) {
      throw malformed(file, "is not valid JSON (" + e.getOriginalMessage() + ")", e);
    } catch (TokenizerFormatException e) {
      throw e;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    return new Vocabulary(ids, tokens(file, ids, largest));
  }

  private static int id(Path file, JsonParser json, String token) throws IOException {
    if (json.nextToken() != JsonToken.VALUE_NUMBER_INT) {
      throw malformed(file, "gives \"" + token + "\" the id " + json.getText(), null);
    }
    String digits = json.getText();
    if (digits.startsWith("-") || digits.length() > 7 || Integer.parseInt(digits) > MAX_ID) {
      throw malformed(
          file, "gives \"%s\" the id %s, not in 0 to %d".formatted(token, digits, MAX_ID), null);
    }
    return Integer.parseInt(digits);
  }

  private static @Nullable String[] tokens(Path file, Map<String, Integer> ids, int largest)
      throws TokenizerFormatException {
    if (ids.isEmpty()) {
      throw malformed(file, "holds no token", null);
    }
    @Nullable String[] tokens = new @Nullable String[largest + 1];
    for (Map.Entry<String, Integer> entry : ids.entrySet()) {
      String other = tokens[entry.getValue()];
      if (other != null) {
        throw malformed(
            file,
            "gives both \"%s\" and \"%s\" the id %d"
                .formatted(other, entry.getKey(), entry.getValue()),
            null);
      }
      tokens[entry.getValue()] = entry.getKey();
    }
    return tokens;
  }

  /** A file that is missing or cannot be read. */
  static TokenizerFormatException unreadable(Path file, IOException cause) {
    boolean missing = cause instanceof NoSuchFileException || !Files.exists(file);
    return new TokenizerFormatException(
        file,
        missing ? "is missing" : "cannot be read (" + cause.getMessage() + ")",
        "a tokenizer folder holds vocab.json and merges.txt, as in the tokenizer folder of Stable"
            + " Diffusion 1.4",
        cause);
  }

  private static TokenizerFormatException malformed(
      Path file, String fault, @Nullable Throwable cause) {
    return new TokenizerFormatException(file, fault, REMEDY, cause);
  }

  /** The id of a token, or null. */
  @Nullable Integer id(String token) {
    return ids.get(token);
  }

  /** The token of an id, or null if no token has it. */
  @Nullable String token(int id) {
    return id >= 0 && id < tokens.length ? tokens[id] : null;
  }

  /** One more than the largest id. */
  int size() {
    return tokens.length;
  }
}
