package io.github.f2d4j.model.text;

import io.github.f2d4j.model.demo.DemoModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files of the demonstration model's tokenizer: a small vocabulary of the real form. */
final class DemoTokenizer {
  private DemoTokenizer() {}

  static void copyTo(Path folder) throws IOException {
    for (String name :
        List.of("vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json")) {
      try (InputStream in = DemoModel.class.getResourceAsStream("tokenizer/" + name)) {
        if (in == null) {
          throw new IOException("no " + name + " in the demonstration model");
        }
        Files.copy(in, folder.resolve(name));
      }
    }
  }
}
