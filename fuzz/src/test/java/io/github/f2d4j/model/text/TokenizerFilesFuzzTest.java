package io.github.f2d4j.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.f2d4j.fuzz.Attempt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokenizer folders. Input: {@code vocab.json}, {@code merges.txt}, {@code tokenizer_config.json}
 * and {@code special_tokens_map.json} with the byte 0x1e between them; an empty part is a missing
 * file.
 *
 * <p>A folder is refused by {@link TokenizerFormatException} alone, or its tokenizer gives every
 * prompt ids of the vocabulary, as many as it says, the same each time, and can decode them.
 */
class TokenizerFilesFuzzTest {
  private static final List<String> FILES =
      List.of("vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json");

  private static final List<String> PROMPTS =
      List.of("", "a photo of f l", "ab ba b<|startoftext|>a 7!", "\u00e9\u4e2d\ud83d\ude00\ud83d");

  private static final byte SEPARATOR = 0x1e;

  /** Ids may be as large as 2^22: a table of 16 MB, and what it is made from. */
  private static final long BOUND = 96L << 20;

  /** Prompts may be as long as 2^20: a fuzzer learns nothing from filling so long ones. */
  private static final int LONGEST = 500;

  @TempDir private static Path folder;

  @FuzzTest
  void files(byte[] input) throws Exception {
    write(input);
    Optional<ClipTokenizer> loaded =
        Attempt.of(TokenizerFormatException.class, BOUND, () -> ClipTokenizer.load(folder));
    if (loaded.isPresent()) {
      int length = Math.min(loaded.get().maxLength(), LONGEST);
      ClipTokenizer tokenizer = loaded.get().withMaxLength(length);
      ClipTokenizer second = ClipTokenizer.load(folder).withMaxLength(length);
      for (String prompt : PROMPTS) {
        requireIds(tokenizer, second, prompt);
      }
    }
  }

  private static void write(byte[] input) throws IOException {
    int at = 0;
    for (String name : FILES) {
      int end = at;
      while (end < input.length && input[end] != SEPARATOR) {
        end++;
      }
      Path file = folder.resolve(name);
      if (end > at) {
        Files.write(file, Arrays.copyOfRange(input, at, end));
      } else {
        Files.deleteIfExists(file);
      }
      at = Math.min(end + 1, input.length);
    }
  }

  private static void requireIds(ClipTokenizer tokenizer, ClipTokenizer second, String prompt) {
    TokenizedPrompt tokens = tokenizer.encode(prompt);
    int[] ids = tokens.ids();
    assertEquals(tokenizer.maxLength(), ids.length);
    assertEquals(tokenizer.bosId(), ids[0]);
    assertEquals(tokenizer.eosId(), ids[tokens.length() - 1]);
    assertTrue(Arrays.stream(ids).allMatch(i -> i >= 0 && i < tokenizer.vocabularySize()));
    assertArrayEquals(ids, second.encode(prompt).ids());
    int[] words = tokenizer.tokenize(prompt);
    assertEquals(tokenizer.decode(words), second.decode(words));
  }
}
