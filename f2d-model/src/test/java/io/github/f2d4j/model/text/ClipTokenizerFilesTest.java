package io.github.f2d4j.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.weights.testing.Goldens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built-in tokenizer is the published one. */
class ClipTokenizerFilesTest {
  @Test
  void vocabularyFollowsFromTheMerges() throws IOException {
    Path published = Goldens.file("tokenizer");
    Map<String, byte[]> files = ClipTokenizerFiles.all();
    assertArrayEquals(Files.readAllBytes(published.resolve("merges.txt")), files.get("merges.txt"));
    ObjectMapper json = new ObjectMapper();
    assertEquals(
        json.readTree(Files.readAllBytes(published.resolve("vocab.json"))),
        json.readTree(files.get("vocab.json")));
  }

  @Test
  void makesATokenizer(@TempDir Path folder) throws IOException {
    for (Map.Entry<String, byte[]> file : ClipTokenizerFiles.all().entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
    ClipTokenizer tokenizer = ClipTokenizer.load(folder);
    assertEquals(49408, tokenizer.vocabularySize());
    assertEquals(77, tokenizer.maxLength());
  }
}
