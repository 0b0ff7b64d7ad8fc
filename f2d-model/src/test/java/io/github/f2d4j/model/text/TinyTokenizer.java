package io.github.f2d4j.model.text;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes tokenizer folders with a vocabulary of all bytes, the given merges and special tokens. */
final class TinyTokenizer {
  static final List<String> MERGES =
      List.of("o f</w>", "p h", "o t", "ph ot", "phot o</w>", "a b", "b c", "ab c", "a bc</w>");

  private TinyTokenizer() {}

  /** Token to id: bytes, bytes at the end of a word, merges, start, end. */
  static Map<String, Integer> vocabulary(List<String> merges) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (String end : List.of("", Vocabulary.END_OF_WORD)) {
      for (int b = 0; b < 256; b++) {
        ids.put(ByteAlphabet.character(b) + end, ids.size());
      }
    }
    for (String merge : merges) {
      ids.putIfAbsent(merge.replace(" ", ""), ids.size());
    }
    ids.put("<|startoftext|>", ids.size());
    ids.put("<|endoftext|>", ids.size());
    return ids;
  }

  static void write(Path folder, List<String> merges) throws IOException {
    new ObjectMapper().writeValue(folder.resolve("vocab.json").toFile(), vocabulary(merges));
    Files.writeString(
        folder.resolve("merges.txt"), "#version: 0.2\n" + String.join("\n", merges) + "\n");
  }

  static ClipTokenizer load(Path folder) throws IOException {
    write(folder, MERGES);
    return ClipTokenizer.load(folder);
  }
}
