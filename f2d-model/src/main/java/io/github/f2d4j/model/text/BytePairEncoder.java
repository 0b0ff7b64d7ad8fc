package io.github.f2d4j.model.text;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Byte-pair encoding of one word: starting from single bytes (the last one marked as end of word),
 * the adjacent pair that comes first in {@code merges.txt} is merged, everywhere and from left to
 * right, until no pair of the word is listed.
 */
final class BytePairEncoder {
  private static final String REMEDY =
      "take merges.txt and vocab.json from the same tokenizer folder; merges.txt has the head line"
          + " \"#version: 0.2\" and then one pair of tokens a line, as in \"i n\"";

  private static final int CACHED_WORDS = 8192;
  private static final int CACHED_LENGTH = 64;

  /** Two symbols that merge: their place in the list, and the symbol they become. */
  private record Merge(int rank, int result) {}

  private final Map<String, Integer> symbols = new HashMap<>();
  private final Map<Long, Merge> merges;

  /** Token id of each symbol. */
  private final int[] tokenIds;

  private final ConcurrentHashMap<String, int[]> cache = new ConcurrentHashMap<>();

  private BytePairEncoder(Path file, List<String[]> pairs, Vocabulary vocabulary, int unknownId)
      throws TokenizerFormatException {
    for (int b = 0; b < 256; b++) {
      symbol(String.valueOf(ByteAlphabet.character(b)));
    }
    for (int b = 0; b < 256; b++) {
      symbol(ByteAlphabet.character(b) + Vocabulary.END_OF_WORD);
    }
    merges = HashMap.newHashMap(pairs.size());
    for (int rank = 0; rank < pairs.size(); rank++) {
      String[] pair = pairs.get(rank);
      String result = pair[0] + pair[1];
      if (vocabulary.id(result) == null) {
        throw new TokenizerFormatException(
            file,
            "merges \"%s\" and \"%s\", but vocab.json has no \"%s\""
                .formatted(pair[0], pair[1], result),
            REMEDY);
      }
      merges.put(key(symbol(pair[0]), symbol(pair[1])), new Merge(rank, symbol(result)));
    }
    tokenIds = new int[symbols.size()];
    symbols.forEach(
        (text, symbol) -> {
          Integer id = vocabulary.id(text);
          tokenIds[symbol] = id == null ? unknownId : id;
        });
  }

  /** Reads {@code merges.txt}. */
  static BytePairEncoder read(Path file, Vocabulary vocabulary, int unknownId) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw new TokenizerFormatException(file, "is not UTF-8 text", REMEDY, e);
    } catch (IOException e) {
      throw Vocabulary.unreadable(file, e);
    }
    List<String[]> pairs = new ArrayList<>(lines.size());
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank() || (i == 0 && line.startsWith("#version"))) {
        continue;
      }
      String[] pair = line.strip().split(" ", -1);
      if (pair.length != 2) {
        throw new TokenizerFormatException(
            file, "line %d is \"%s\", not a pair of tokens".formatted(i + 1, line), REMEDY);
      }
      pairs.add(pair);
    }
    return new BytePairEncoder(file, pairs, vocabulary, unknownId);
  }

  private int symbol(String text) {
    return symbols.computeIfAbsent(text, _ -> symbols.size());
  }

  private static long key(int left, int right) {
    return (long) left << 32 | right;
  }

  /** Token ids of a word, which must not be empty. The array is shared: leave it as it is. */
  int[] encode(String word) {
    int[] known = cache.get(word);
    if (known != null) {
      return known;
    }
    byte[] bytes = ByteAlphabet.utf8(word);
    int[] ids = new Word(bytes).merge();
    if (word.length() <= CACHED_LENGTH && cache.size() < CACHED_WORDS) {
      cache.put(word, ids);
    }
    return ids;
  }

  /**
   * The symbols of a word as a linked list, with the mergeable pairs in a heap by rank and
   * position: n log n, where rescanning the word for each merge would be quadratic.
   */
  private final class Word {
    private static final int NONE = -1;

    private final int[] symbol;
    private final int[] next;
    private final int[] previous;

    /** Rank of the pair that begins at a symbol; NONE if it does not merge. */
    private final int[] rank;

    private final LongHeap heap;

    Word(byte[] bytes) {
      int n = bytes.length;
      symbol = new int[n];
      next = new int[n];
      previous = new int[n];
      rank = new int[n];
      heap = new LongHeap(n);
      for (int i = 0; i < n; i++) {
        symbol[i] = (bytes[i] & 0xFF) + (i == n - 1 ? 256 : 0);
        next[i] = i == n - 1 ? NONE : i + 1;
        previous[i] = i - 1;
      }
      for (int i = 0; i < n; i++) {
        offer(i);
      }
    }

    int[] merge() {
      int[] merged = new int[symbol.length];
      while (!heap.isEmpty()) {
        // All places of the best pair first; the new pairs compete only afterwards.
        int best = (int) (heap.peek() >>> 32);
        int count = 0;
        while (!heap.isEmpty() && (int) (heap.peek() >>> 32) == best) {
          int i = (int) heap.poll();
          if (rank[i] == best) {
            mergeAt(i);
            merged[count++] = i;
          }
        }
        for (int k = 0; k < count; k++) {
          offer(merged[k]);
          if (previous[merged[k]] != NONE) {
            offer(previous[merged[k]]);
          }
        }
      }
      return ids();
    }

    private void mergeAt(int i) {
      int right = next[i];
      Merge merge = pair(i);
      if (merge == null) {
        throw new IllegalStateException("no merge at symbol " + i);
      }
      symbol[i] = merge.result();
      next[i] = next[right];
      if (next[i] != NONE) {
        previous[next[i]] = i;
      }
      rank[i] = NONE;
      rank[right] = NONE;
      if (previous[i] != NONE) {
        rank[previous[i]] = NONE;
      }
    }

    private void offer(int i) {
      Merge merge = pair(i);
      rank[i] = merge == null ? NONE : merge.rank();
      if (merge != null) {
        heap.add((long) merge.rank() << 32 | i);
      }
    }

    private @Nullable Merge pair(int i) {
      return next[i] == NONE ? null : merges.get(key(symbol[i], symbol[next[i]]));
    }

    private int[] ids() {
      int[] ids = new int[symbol.length];
      int count = 0;
      for (int i = 0; i != NONE; i = next[i]) {
        ids[count++] = tokenIds[symbol[i]];
      }
      return Arrays.copyOf(ids, count);
    }
  }
}
