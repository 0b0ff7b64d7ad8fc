package io.github.f2d4j.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.f2d4j.fuzz.Attempt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * Prompts. Input: the first byte says how the rest is text: even UTF-16 (so that half surrogate
 * pairs occur), odd UTF-8; the bits above the lowest pick the way of cleaning.
 *
 * <p>Tokenizing never fails; ids begin with bos, end with eos, are padded to the model's length and
 * are all in the vocabulary; they are the same when asked for again, and with a tokenizer that
 * remembers no word; every word has the ids that merging by rescanning gives; ids can be decoded,
 * always to the same text.
 */
class PromptFuzzTest {
  private static final long BYTES_PER_BYTE = 200_000;

  @TempDir private static Path folder;

  private static ClipTokenizer tokenizer;
  private static SlowEncoder slow;

  @BeforeAll
  static void load() throws IOException {
    DemoTokenizer.copyTo(folder);
    tokenizer = ClipTokenizer.load(folder);
    slow = SlowEncoder.read(folder);
  }

  @FuzzTest
  void prompt(byte[] input) throws Exception {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    String prompt = (input[0] & 1) == 0 ? utf16(rest) : new String(rest, StandardCharsets.UTF_8);
    long bound = (16L << 20) + BYTES_PER_BYTE * input.length;
    TextCleaning[] cleanings = TextCleaning.values();
    TextCleaning cleaning = cleanings[(input[0] >> 1 & 0x7f) % cleanings.length];
    ClipTokenizer cleaned = tokenizer.withCleaning(cleaning);
    TokenizedPrompt tokens =
        Attempt.of(IllegalStateException.class, bound, () -> cleaned.encode(prompt)).orElseThrow();
    requireWellFormed(tokens);
    requireRepeatable(cleaned, prompt, tokens);
    WordSplitter.split(cleaning.clean(prompt), PromptFuzzTest::requireSlowIds);
  }

  /** Pairs of bytes as characters; unlike a decoder this keeps half surrogate pairs. */
  private static String utf16(byte[] bytes) {
    char[] chars = new char[bytes.length / 2];
    for (int i = 0; i < chars.length; i++) {
      chars[i] = (char) ((bytes[2 * i] & 0xff) | (bytes[2 * i + 1] & 0xff) << 8);
    }
    return new String(chars);
  }

  private static void requireWellFormed(TokenizedPrompt tokens) {
    int[] ids = tokens.ids();
    assertEquals(tokenizer.maxLength(), ids.length);
    assertTrue(tokens.length() >= 2 && tokens.length() <= ids.length);
    assertEquals(tokenizer.bosId(), ids[0]);
    assertEquals(tokenizer.eosId(), ids[tokens.length() - 1]);
    for (int i = 0; i < ids.length; i++) {
      assertTrue(ids[i] >= 0 && ids[i] < tokenizer.vocabularySize());
      assertTrue(i < tokens.length() || ids[i] == tokenizer.padId());
    }
    assertEquals(tokens.truncated(), tokens.untruncatedLength() > ids.length);
  }

  private static void requireRepeatable(ClipTokenizer cleaned, String text, TokenizedPrompt tokens)
      throws IOException {
    int[] words = cleaned.tokenize(text);
    assertEquals(tokens.untruncatedLength(), words.length + 2);
    assertEquals(tokenizer.decode(words), tokenizer.decode(words));
    assertArrayEquals(
        Arrays.copyOf(words, tokens.length() - 2),
        Arrays.copyOfRange(tokens.ids(), 1, tokens.length() - 1));
  }

  private static void requireSlowIds(String word) {
    if (!WordSplitter.isSpecial(word) && word.length() < 32) {
      assertArrayEquals(slow.encode(word), slow.fast(word), word);
    }
  }
}
