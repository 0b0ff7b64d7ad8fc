package io.github.f2d4j.model.example;

import io.github.f2d4j.model.text.ClipTokenizer;
import io.github.f2d4j.model.text.TokenizedPrompt;
import java.io.IOException;
import java.nio.file.Path;

/** How a prompt becomes numbers. */
final class TokenizerExample {
  private TokenizerExample() {}

  static int tokenize(Path model) throws IOException {
    // @start region="tokenize"
    ClipTokenizer tokenizer = ClipTokenizer.load(model.resolve("tokenizer"));
    TokenizedPrompt tokens = tokenizer.encode("f l reading a book");
    int face = tokenizer.identifierPosition(tokens); // of "f"; "l" is the next
    int[] ids = tokens.ids(); // begin, the prompt, end, padding: as many as the model takes
    // @end
    return ids[face] == tokenizer.id("f</w>").orElseThrow() ? face : -1;
  }
}
