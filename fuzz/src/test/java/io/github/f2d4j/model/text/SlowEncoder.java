package io.github.f2d4j.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Byte-pair encoding as CLIP's code states it: look through the word for the pair that ranks first,
 * merge it everywhere, begin again. Remembers nothing.
 */
final class SlowEncoder {
  private final Map<String, Integer> ranks = new HashMap<>();
  private final JsonNode vocabulary;
  private final BytePairEncoder fast;

  private SlowEncoder(JsonNode vocabulary, BytePairEncoder fast) {
    this.vocabulary = vocabulary;
    this.fast = fast;
  }

  static SlowEncoder read(Path folder) throws IOException {
    Path merges = folder.resolve("merges.txt");
    Path vocabulary = folder.resolve("vocab.json");
    SlowEncoder slow =
        new SlowEncoder(
            new ObjectMapper().readTree(vocabulary.toFile()),
            BytePairEncoder.read(merges, Vocabulary.read(vocabulary), 0));
    for (String line : Files.readAllLines(merges)) {
      if (!line.startsWith("#version") && !line.isBlank()) {
        slow.ranks.put(line.strip(), slow.ranks.size());
      }
    }
    return slow;
  }

  int[] fast(String word) {
    return fast.encode(word);
  }

  int[] encode(String word) {
    List<String> symbols = new ArrayList<>();
    byte[] bytes = ByteAlphabet.utf8(word);
    for (int i = 0; i < bytes.length; i++) {
      String end = i == bytes.length - 1 ? Vocabulary.END_OF_WORD : "";
      symbols.add(ByteAlphabet.character(bytes[i] & 0xff) + end);
    }
    for (int best = best(symbols); best < Integer.MAX_VALUE; best = best(symbols)) {
      List<String> merged = new ArrayList<>();
      for (int i = 0; i < symbols.size(); i++) {
        if (rank(symbols, i) == best) {
          merged.add(symbols.get(i) + symbols.get(i + 1));
          i++;
        } else {
          merged.add(symbols.get(i));
        }
      }
      symbols = merged;
    }
    return symbols.stream().mapToInt(s -> vocabulary.path(s).asInt(0)).toArray();
  }

  private int best(List<String> symbols) {
    int best = Integer.MAX_VALUE;
    for (int i = 0; i < symbols.size(); i++) {
      best = Math.min(best, rank(symbols, i));
    }
    return best;
  }

  private int rank(List<String> symbols, int i) {
    return i + 1 == symbols.size()
        ? Integer.MAX_VALUE
        : ranks.getOrDefault(symbols.get(i) + " " + symbols.get(i + 1), Integer.MAX_VALUE);
  }
}
