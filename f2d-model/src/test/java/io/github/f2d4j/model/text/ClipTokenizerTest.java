package io.github.f2d4j.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClipTokenizerTest {
  @TempDir private Path folder;
  private ClipTokenizer tokenizer;

  @BeforeEach
  void load() throws IOException {
    tokenizer = TinyTokenizer.load(folder);
  }

  private int id(String token) {
    return tokenizer.id(token).orElseThrow();
  }

  @Test
  void hasClipsDefaults() {
    assertEquals(77, tokenizer.maxLength());
    assertEquals(TextCleaning.HUGGING_FACE, tokenizer.cleaning());
    assertEquals(tokenizer.vocabularySize() - 2, tokenizer.bosId());
    assertEquals(tokenizer.vocabularySize() - 1, tokenizer.eosId());
    assertEquals(tokenizer.eosId(), tokenizer.padId());
  }

  @Test
  void padsShortPrompts() {
    TokenizedPrompt tokens = tokenizer.withMaxLength(8).encode("A photo of f l");
    int eos = tokenizer.eosId();
    assertArrayEquals(
        new int[] {
          tokenizer.bosId(),
          id("a</w>"),
          id("photo</w>"),
          id("of</w>"),
          id("f</w>"),
          id("l</w>"),
          eos,
          eos
        },
        tokens.ids());
    assertEquals(7, tokens.length());
    assertFalse(tokens.truncated());
    assertEquals("", tokens.truncatedText());
    assertEquals(4, tokenizer.identifierPosition(tokens));
  }

  @Test
  void cutsLongPromptsAndSaysWhatWasCut() {
    TokenizedPrompt tokens = tokenizer.withMaxLength(5).encode("photo of f l, a b");
    assertEquals(5, tokens.ids().length);
    assertEquals(tokenizer.eosId(), tokens.ids()[4]);
    assertTrue(tokens.truncated());
    assertEquals(9, tokens.untruncatedLength());
    assertEquals("l , a b", tokens.truncatedText());
    assertEquals(9, tokenizer.count("photo of f l, a b"));
  }

  @Test
  void decodesWordsWithoutSpecialTokens() {
    assertEquals(
        "caf\u00E9 \uD83D\uDE00 !",
        tokenizer.decode(tokenizer.encode("Caf\u00E9 \uD83D\uDE00 !").ids()));
    assertEquals("", tokenizer.decode());
    assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(100_000));
  }

  @Test
  void setsSpecialTokensApartOnlyAsHuggingFace() {
    int eos = tokenizer.eosId();
    assertArrayEquals(
        new int[] {id("!</w>"), eos, id("&</w>")}, tokenizer.tokenize("!<|endoftext|>&amp;"));
    assertArrayEquals(new int[] {id("a</w>"), eos}, tokenizer.tokenize("a<|ENDOFTEXT|>"));
    int[] openAi = tokenizer.withCleaning(TextCleaning.OPENAI).tokenize("!<|endoftext|>");
    assertTrue(IntStream.of(openAi).noneMatch(i -> i == eos));
  }

  @Test
  void splitsAsClipsPatternDoes() {
    assertEquals(
        "it 's 4 2 we 'll -- a _ b \u0663 ?!\"",
        tokenizer.decode(tokenizer.tokenize("It's 42 we'LL -- a_b \u0663?!\"")));
    // U+0345 is no letter and, where case is ignored, no other character either.
    assertEquals("a b", tokenizer.decode(tokenizer.tokenize("a\u0345b")));
  }

  @Test
  void findsTheFirstIdentifier() {
    TokenizedPrompt tokens = tokenizer.encode("f. f l and F L");
    assertEquals(3, tokenizer.identifierPosition(tokens));
    assertEquals(1, tokenizer.identifierPosition(tokenizer.encode("a b"), "a", "b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a photo", "fl", "f, l", "l f", "a photo of f", "elf lamp"})
  void asksForTheIdentifierWhereItLacks(String prompt) {
    IdentifierNotFoundException error =
        assertThrows(
            IdentifierNotFoundException.class,
            () -> tokenizer.identifierPosition(tokenizer.encode(prompt)));
    assertTrue(error.getMessage().contains("\"" + prompt + "\" lacks the identifier \"f l\""));
    assertTrue(error.getMessage().contains("as in \"a photo of f l\""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a photo of f l", "a a photo f l"})
  void saysThatTheIdentifierWasCutOff(String prompt) {
    ClipTokenizer small = tokenizer.withMaxLength(6);
    TokenizedPrompt tokens = small.encode(prompt);
    IdentifierNotFoundException error =
        assertThrows(IdentifierNotFoundException.class, () -> small.identifierPosition(tokens));
    assertTrue(error.getMessage().contains("not within the first 5 that are kept"));
    assertTrue(error.getMessage().contains("move it to the front"));
  }

  @Test
  void readsLengthAndSpecialTokens() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"model_max_length\": 32, \"pad_token\": \"<|endoftext|>\"}");
    Files.writeString(
        folder.resolve("special_tokens_map.json"),
        "{\"pad_token\": \"!\", \"bos_token\": {\"content\": \"<|startoftext|>\"}}");
    ClipTokenizer configured = ClipTokenizer.load(folder);
    assertEquals(32, configured.encode("a").ids().length);
    assertEquals(id("!"), configured.padId());
    assertEquals(tokenizer.bosId(), configured.bosId());
  }

  @Test
  void takesHuggingFacesUnlimitedLengthForClips() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"model_max_length\": 1000000000000000019884624838656}");
    assertEquals(77, ClipTokenizer.load(folder).maxLength());
  }

  @Test
  void namesMissingFiles() throws IOException {
    Files.delete(folder.resolve("merges.txt"));
    assertMessage("merges.txt: is missing", "tokenizer folder");
    Files.delete(folder.resolve("vocab.json"));
    assertMessage("vocab.json: is missing", "tokenizer folder");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{}",
        "{\"a\": 1.5}",
        "{\"a\": \"1\"}",
        "{\"a\": -1}",
        "{\"a\": 99999999}",
        "{\"a\": 1, \"b\": 1}",
        "{\"a\": 1, \"a\": 2}",
        "{\"a\": {}}",
        "{\"a\": 1} x",
        "\u0000"
      })
  void refusesMalformedVocabularies(String json) throws IOException {
    Files.writeString(folder.resolve("vocab.json"), json);
    assertMessage("vocab.json: ", "take vocab.json from the tokenizer folder");
  }

  @ParameterizedTest
  @ValueSource(strings = {"#version: 0.2\na", "a b c", "x y", "a b\nc\n"})
  void refusesMalformedMerges(String merges) throws IOException {
    Files.writeString(folder.resolve("merges.txt"), merges);
    assertMessage("merges.txt: ", "from the same tokenizer folder");
  }

  @Test
  void refusesMergesThatAreNotText() throws IOException {
    Files.write(folder.resolve("merges.txt"), new byte[] {(byte) 0xFF, (byte) 0xFE, 0});
    assertMessage("merges.txt: is not UTF-8 text", "from the same tokenizer folder");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{\"model_max_length\": 1}",
        "{\"model_max_length\": \"77\"}",
        "{\"eos_token\": 3}",
        "{\"eos_token\": {}}",
        "{\"pad_token\": \"\"}"
      })
  void refusesMalformedConfigs(String json) throws IOException {
    Files.writeString(folder.resolve("tokenizer_config.json"), json);
    assertMessage("tokenizer_config.json: ", "or delete it");
  }

  @Test
  void refusesSpecialTokensBeyondTheVocabulary() throws IOException {
    Files.writeString(folder.resolve("special_tokens_map.json"), "{\"pad_token\": \"<pad>\"}");
    assertMessage("vocab.json: has no special token \"<pad>\"", "special_tokens_map.json");
    assertThrows(IllegalArgumentException.class, () -> tokenizer.withMaxLength(1));
  }

  private void assertMessage(String fault, String remedy) {
    TokenizerFormatException error =
        assertThrows(TokenizerFormatException.class, () -> ClipTokenizer.load(folder));
    assertTrue(error.getMessage().contains(fault), error.getMessage());
    assertTrue(error.getMessage().contains(remedy), error.getMessage());
  }

  @ParameterizedTest
  @EnumSource(TextCleaning.class)
  void givesTheSameIdsFromManyThreads(TextCleaning cleaning) {
    ClipTokenizer shared = tokenizer.withCleaning(cleaning);
    List<String> prompts =
        IntStream.range(0, 500).mapToObj(i -> "photo " + i % 97 + " of \u00C3\u00A9 " + i).toList();
    List<int[]> parallel = prompts.parallelStream().map(shared::tokenize).toList();
    for (int i = 0; i < prompts.size(); i++) {
      assertArrayEquals(shared.tokenize(prompts.get(i)), parallel.get(i), prompts.get(i));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a", "a ", "!", "&amp;", "'s", "<|endoftext|>", "\uD83D", "\u00C3", "\u0301"})
  void copesWithVeryLongPrompts(String unit) {
    String prompt = unit.repeat((1 << 16) / unit.length());
    for (TextCleaning cleaning : TextCleaning.values()) {
      TokenizedPrompt tokens = tokenizer.withCleaning(cleaning).encode(prompt);
      assertEquals(77, tokens.ids().length);
      assertEquals(tokens.untruncatedLength() > 77, tokens.truncated());
      assertTrue(Arrays.stream(tokens.ids()).allMatch(i -> i >= 0 && i <= tokenizer.eosId()));
    }
  }
}
