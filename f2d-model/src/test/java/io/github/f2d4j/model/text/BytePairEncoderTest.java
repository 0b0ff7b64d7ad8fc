package io.github.f2d4j.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BytePairEncoderTest {
  @TempDir private Path folder;

  /**
   * The algorithm as CLIP's code states it: rescan the word for the best pair, merge it everywhere.
   */
  private static int[] slow(String word, List<String> merges, Map<String, Integer> vocabulary) {
    List<String> symbols = new ArrayList<>();
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      symbols.add(
          ByteAlphabet.character(bytes[i] & 0xFF)
              + (i == bytes.length - 1 ? Vocabulary.END_OF_WORD : ""));
    }
    for (int best = best(symbols, merges); best >= 0; best = best(symbols, merges)) {
      List<String> merged = new ArrayList<>();
      for (int i = 0; i < symbols.size(); i++) {
        if (i + 1 < symbols.size() && rank(symbols, i, merges) == best) {
          merged.add(symbols.get(i) + symbols.get(i + 1));
          i++;
        } else {
          merged.add(symbols.get(i));
        }
      }
      symbols = merged;
    }
    return symbols.stream().mapToInt(vocabulary::get).toArray();
  }

  private static int best(List<String> symbols, List<String> merges) {
    int best = -1;
    for (int i = 0; i + 1 < symbols.size(); i++) {
      int rank = rank(symbols, i, merges);
      best = rank >= 0 && (best < 0 || rank < best) ? rank : best;
    }
    return best;
  }

  private static int rank(List<String> symbols, int i, List<String> merges) {
    return merges.indexOf(symbols.get(i) + " " + symbols.get(i + 1));
  }

  private BytePairEncoder encoder(List<String> merges) throws IOException {
    TinyTokenizer.write(folder, merges);
    return BytePairEncoder.read(
        folder.resolve("merges.txt"), Vocabulary.read(folder.resolve("vocab.json")), 0);
  }

  /** Merges in random order, so that merged pairs may rank before the pairs they are made of. */
  @Test
  void equalsTheSlowTwin() throws IOException {
    Random random = new Random(5);
    for (int round = 0; round < 30; round++) {
      List<String> merges = randomMerges(random, 40);
      BytePairEncoder encoder = encoder(merges);
      Map<String, Integer> vocabulary = TinyTokenizer.vocabulary(merges);
      for (int k = 0; k < 200; k++) {
        String word = randomWord(random, 1 + random.nextInt(20));
        assertArrayEquals(slow(word, merges, vocabulary), encoder.encode(word), word + merges);
      }
    }
  }

  private static String randomWord(Random random, int length) {
    return random
        .ints(length, 'a', 'd')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static List<String> randomMerges(Random random, int count) {
    List<String> merges = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    while (merges.size() < count) {
      String end = random.nextInt(4) == 0 ? Vocabulary.END_OF_WORD : "";
      String merge =
          randomWord(random, 1 + random.nextInt(3))
              + " "
              + randomWord(random, 1 + random.nextInt(3));
      if (seen.add(merge + end)) {
        merges.add(merge + end);
      }
    }
    return merges;
  }

  @Test
  void mergesOverlappingPairsFromTheLeft() throws IOException {
    BytePairEncoder encoder = encoder(List.of("a a", "aa a</w>"));
    Map<String, Integer> ids = TinyTokenizer.vocabulary(List.of("a a", "aa a</w>"));
    assertArrayEquals(new int[] {ids.get("aaa</w>")}, encoder.encode("aaa"));
    assertArrayEquals(
        new int[] {ids.get("aa"), ids.get("a"), ids.get("a</w>")}, encoder.encode("aaaa"));
  }

  /** Rescanning would take 2^36 steps here. */
  @Test
  void encodesVeryLongWords() throws IOException {
    List<String> merges = List.of("a a", "aa aa", "aaaa aaaa", "b</w> a");
    int length = 1 << 18;
    int[] ids = encoder(merges).encode("a".repeat(length) + "b");
    assertEquals(length / 8 + 1, ids.length);
    int[] bytes = encoder(List.of()).encode("\u732B".repeat(length));
    assertEquals(3 * length, bytes.length);
  }

  @Test
  void readsMergesWithOrWithoutHeadLine() throws IOException {
    TinyTokenizer.write(folder, List.of("a b"));
    Files.writeString(folder.resolve("merges.txt"), "a b\r\n\r\n");
    BytePairEncoder encoder =
        BytePairEncoder.read(
            folder.resolve("merges.txt"), Vocabulary.read(folder.resolve("vocab.json")), 0);
    assertEquals(2, encoder.encode("abc").length);
  }
}
