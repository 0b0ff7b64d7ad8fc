package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.model.clip.ClipTextEncoder;
import io.github.f2d4j.model.text.ClipTokenizer;
import io.github.f2d4j.model.text.TokenizedPrompt;
import java.util.Arrays;
import java.util.function.Consumer;

/** Prompts to text states, with the words of a person in place of the identifier. */
final class PromptEncoder {
  private final ClipTokenizer tokenizer;
  private final ClipTextEncoder textEncoder;
  private final String identifierFirst;
  private final String identifierLast;

  PromptEncoder(ClipTokenizer tokenizer, ClipTextEncoder textEncoder, String identifier) {
    this.tokenizer = tokenizer;
    this.textEncoder = textEncoder;
    String[] words = identifier.strip().split("\\s+", -1);
    this.identifierFirst = words[0];
    this.identifierLast = words[1];
  }

  /** A prompt that holds the identifier, and where it stands. */
  record PersonalPrompt(TokenizedPrompt tokens, int position) {}

  /**
   * Tokenizes the prompt.
   *
   * @param warnings is told what words are cut off
   * @throws io.github.f2d4j.model.text.IdentifierNotFoundException if the identifier is missing or
   *     cut off
   */
  PersonalPrompt personal(String prompt, Consumer<String> warnings) {
    TokenizedPrompt tokens = tokenizer.encode(prompt);
    int position = tokenizer.identifierPosition(tokens, identifierFirst, identifierLast);
    warnIfCut("prompt", tokens, warnings);
    return new PersonalPrompt(tokens, position);
  }

  /** Tokenizes a prompt without a person. */
  TokenizedPrompt plain(String prompt, Consumer<String> warnings) {
    TokenizedPrompt tokens = tokenizer.encode(prompt);
    warnIfCut("negative prompt", tokens, warnings);
    return tokens;
  }

  private void warnIfCut(String what, TokenizedPrompt tokens, Consumer<String> warnings) {
    if (tokens.truncated()) {
      warnings.accept(
          "the %s has %d tokens, but the model reads %d; this is not used: \"%s\""
              .formatted(
                  what, tokens.untruncatedLength(), tokenizer.maxLength(), tokens.truncatedText()));
    }
  }

  /** States of a prompt with a person, [1,T,D]. */
  Tensor states(PersonalPrompt prompt, IdentityWords words) {
    return personalStates(textEncoder, prompt.tokens.ids(), prompt.position, words);
  }

  /** States of a prompt without a person, [1,T,D]. */
  Tensor states(TokenizedPrompt prompt) {
    return plainStates(textEncoder, prompt.ids());
  }

  /**
   * Embeds ids, overwrites the embeddings at {@code position} and the next with the words, and
   * encodes; evaluated.
   */
  static Tensor personalStates(
      ClipTextEncoder encoder, int[] ids, int position, IdentityWords words) {
    Tensor hidden = encoder.embed(asLongs(ids)); // [1,T,D]
    Tensor first = Tensor.of(words.first(), 1, words.width());
    Tensor last = Tensor.of(words.last(), 1, words.width());
    return encoder.encode(encoder.inject(hidden, 0, position, first, last)).eval();
  }

  /** Embeds and encodes ids; evaluated. */
  static Tensor plainStates(ClipTextEncoder encoder, int[] ids) {
    return encoder.encode(encoder.embed(asLongs(ids))).eval();
  }

  private static long[][] asLongs(int[] ids) {
    return new long[][] {Arrays.stream(ids).asLongStream().toArray()};
  }
}
