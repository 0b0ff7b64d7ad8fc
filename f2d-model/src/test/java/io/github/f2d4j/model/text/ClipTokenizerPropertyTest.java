package io.github.f2d4j.model.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class ClipTokenizerPropertyTest {
  private static final ClipTokenizer TOKENIZER = tiny();

  private static ClipTokenizer tiny() {
    try {
      Path folder = Files.createTempDirectory("tokenizer");
      try {
        return TinyTokenizer.load(folder);
      } finally {
        Files.delete(folder.resolve("vocab.json"));
        Files.delete(folder.resolve("merges.txt"));
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Any UTF-16, lone surrogates included, and pieces that the cleaning looks for. */
  @Provide
  Arbitrary<String> prompts() {
    Arbitrary<String> odd =
        Arbitraries.of(
            "f l",
            "<|endoftext|>",
            "&amp;",
            "&#x",
            "\u00C3\u00A9",
            "\u00E2\u20AC\u2122",
            "'s",
            "\uD83D",
            "\uDE00",
            "\uFF26",
            "e\u0301",
            "\u001B[31m",
            "\r\n",
            " ",
            "\u03A3",
            "\u0345",
            "<");
    Arbitrary<String> any = Arbitraries.strings().ofMaxLength(8);
    return Arbitraries.oneOf(odd, any).list().ofMaxSize(12).map(parts -> String.join("", parts));
  }

  @Property
  void alwaysGivesIdsOfTheVocabularyInFullLength(
      @ForAll("prompts") String prompt,
      @ForAll TextCleaning cleaning,
      @ForAll @IntRange(min = 2, max = 90) int maxLength) {
    ClipTokenizer tokenizer = TOKENIZER.withCleaning(cleaning).withMaxLength(maxLength);
    TokenizedPrompt tokens = tokenizer.encode(prompt);
    int[] ids = tokens.ids();
    assertEquals(maxLength, ids.length);
    assertTrue(Arrays.stream(ids).allMatch(id -> id >= 0 && id < tokenizer.vocabularySize()));
    assertEquals(tokenizer.bosId(), ids[0]);
    assertEquals(tokenizer.eosId(), ids[tokens.length() - 1]);
    for (int i = tokens.length(); i < maxLength; i++) {
      assertEquals(tokenizer.padId(), ids[i]);
    }
    assertEquals(tokenizer.count(prompt), tokens.untruncatedLength());
    assertEquals(tokens.untruncatedLength() > maxLength, tokens.truncated());
  }

  /** Words in lower-case ASCII survive encoding and decoding. */
  @Property
  void decodesWhatItEncodes(@ForAll("words") String prompt) {
    assertEquals(prompt, TOKENIZER.decode(TOKENIZER.tokenize(prompt)));
  }

  @Provide
  Arbitrary<String> words() {
    Arbitrary<String> word =
        Arbitraries.strings().withCharRange('a', 'z').ofMinLength(1).ofMaxLength(9);
    return word.list().ofMaxSize(20).map(words -> String.join(" ", words));
  }
}
