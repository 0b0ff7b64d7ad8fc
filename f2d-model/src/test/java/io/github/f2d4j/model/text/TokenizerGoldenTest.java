package io.github.f2d4j.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.weights.testing.Goldens;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every prompt of every fixture folder {@code tokenizer*}, in each of its columns of ids. */
class TokenizerGoldenTest {
  private enum Column {
    IDS("ids", TextCleaning.OPENAI_FTFY),
    IDS_NO_FTFY("ids_no_ftfy", TextCleaning.OPENAI),
    IDS_HF("ids_hf", TextCleaning.HUGGING_FACE);

    private final String key;
    private final TextCleaning cleaning;

    Column(String key, TextCleaning cleaning) {
      this.key = key;
      this.cleaning = cleaning;
    }
  }

  @TestFactory
  List<DynamicNode> fixtures() throws IOException {
    List<DynamicNode> nodes = new ArrayList<>();
    for (Path folder : Goldens.directories("tokenizer")) {
      nodes.add(dynamicContainer(folder.getFileName().toString(), prompts(folder)));
    }
    return nodes;
  }

  private static List<DynamicTest> prompts(Path folder) throws IOException {
    JsonNode fixture = new ObjectMapper().readTree(folder.resolve("prompts.json").toFile());
    ClipTokenizer tokenizer =
        ClipTokenizer.load(folder).withMaxLength(fixture.required("max_length").intValue());
    List<DynamicTest> tests = new ArrayList<>();
    tests.add(
        dynamicTest(
            "start and end",
            () -> {
              assertEquals(fixture.required("start").intValue(), tokenizer.bosId());
              assertEquals(fixture.required("end").intValue(), tokenizer.eosId());
            }));
    int index = 0;
    for (JsonNode prompt : fixture.required("prompts")) {
      int before = tests.size();
      for (Column column : Column.values()) {
        if (prompt.has(column.key)) {
          tests.add(
              dynamicTest(
                  index + " " + prompt.path("category").asText() + " " + column.key,
                  () -> check(tokenizer.withCleaning(column.cleaning), prompt, column)));
        }
      }
      assertTrue(tests.size() > before, "prompt " + index + " of " + folder + " has no ids");
      index++;
    }
    assertTrue(index > 0, folder + " has no prompts");
    return tests;
  }

  private static void check(ClipTokenizer tokenizer, JsonNode prompt, Column column) {
    String text = prompt.required("text").textValue();
    int[] expected =
        StreamSupport.stream(prompt.required(column.key).spliterator(), false)
            .mapToInt(JsonNode::intValue)
            .toArray();
    TokenizedPrompt tokens = tokenizer.encode(text);
    int[] padded = Arrays.copyOf(expected, tokenizer.maxLength());
    Arrays.fill(padded, expected.length, padded.length, tokenizer.padId());
    assertArrayEquals(padded, tokens.ids(), () -> "ids of \"" + text + '"');
    assertEquals(expected.length, tokens.length(), "length");
    if (column == Column.IDS && prompt.has("untruncated_length")) {
      int whole = prompt.get("untruncated_length").intValue();
      assertEquals(whole, tokens.untruncatedLength(), "untruncated length");
      assertEquals(whole > tokenizer.maxLength(), tokens.truncated(), "truncated");
    }
    assertEquals(tokens.untruncatedLength(), tokenizer.count(text), "count");
    assertFalse(!tokens.truncated() && !tokens.truncatedText().isEmpty(), "nothing was cut");
  }
}
