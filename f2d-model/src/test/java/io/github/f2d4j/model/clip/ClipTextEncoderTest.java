package io.github.f2d4j.model.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClipTextEncoderTest {
  private static final ClipTextConfig CONFIG =
      new ClipTextConfig(11, 8, 16, 1, 2, 6, ClipTextConfig.GELU, 1e-5f);

  private final ClipTextEncoder clip = new ClipTextEncoder(Weights.recording(), CONFIG);

  private static Tensor counting(int... dims) {
    float[] values = new float[(int) Shape.of(dims).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return Tensor.of(values, dims);
  }

  @ParameterizedTest
  @CsvSource({"0,0", "0,2", "0,3", "1,0", "1,1", "2,3"})
  void injectionOverwritesTwoRowsAndNothingElse(int row, int position) {
    Tensor hidden = counting(3, 5, 2);
    Tensor first = Tensor.of(new float[] {-1, -2}, 2);
    Tensor last = Tensor.of(new float[] {-3, -4}, 2);
    float[] expected = hidden.toFloats();
    for (int i = 0; i < 4; i++) {
      expected[(row * 5 + position) * 2 + i] = -1 - i;
    }
    Tensor actual = clip.inject(hidden, row, position, first, last);
    assertEquals(hidden.shape(), actual.shape());
    assertArrayEquals(expected, actual.toFloats());
  }

  @Test
  void twoWordsMayBeTheWholePrompt() {
    Tensor word = Tensor.of(new float[] {7, 8}, 1, 2);
    assertArrayEquals(
        new float[] {7, 8, 7, 8}, clip.inject(counting(1, 2, 2), 0, 0, word, word).toFloats());
  }

  @ParameterizedTest
  @CsvSource({"-1,0", "3,0", "0,-1", "0,4"})
  void injectionOutsideIsRefused(int row, int position) {
    Tensor word = counting(2);
    Tensor hidden = counting(3, 5, 2);
    assertThrows(
        IllegalArgumentException.class, () -> clip.inject(hidden, row, position, word, word));
  }

  @Test
  void badPromptsAreRefusedBeforeAnythingRuns() {
    long[][][] bad = {{{1, 2}, {1}}, {{1, 11}}, {{-1}}, {{0, 0, 0, 0, 0, 0, 0}}};
    String[] words = {"pad all", "id 11 at position 1 of prompt 0", "id -1", "at most 6"};
    for (int i = 0; i < bad.length; i++) {
      long[][] ids = bad[i];
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> clip.embed(ids));
      assertTrue(e.getMessage().contains(words[i]), e.getMessage());
    }
  }

  @Test
  void thePromptEndsAtTheFirstLargestId() {
    assertEquals(3, ClipTextEncoder.endPosition(9, 1, 2, 10, 10, 10));
    assertEquals(0, ClipTextEncoder.endPosition(4));
    assertEquals(2, ClipTextEncoder.endPosition(9, 1, 10, 0, 0));
  }

  @Test
  void pooledTakesEachPromptAtItsEnd() {
    Tensor states = counting(2, 3, 2);
    long[][] ids = {{1, 9, 9}, {1, 2, 9}};
    assertArrayEquals(new float[] {2, 3, 10, 11}, ClipTextEncoder.pooled(states, ids).toFloats());
  }

  @Test
  void thePositionIdsOfOldFilesAreNotMissedAndNotUnused() {
    Weights alone = Weights.recording();
    new ClipTextEncoder(alone, CONFIG);
    Map<String, TensorType> types = new TreeMap<>(alone.declared());
    for (int i = 0; i < 2; i++) {
      Weights w = Weights.ofTypes("text_encoder", types);
      new ClipTextEncoder(w, CONFIG);
      w.verify();
      types.put("text_model.embeddings.position_ids", new TensorType(DType.I64, Shape.of(1, 6)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "hidden_act, '\"relu\"'",
    "num_attention_heads, 3",
    "vocab_size, 0",
    "hidden_size, '\"big\"'",
    "model_type, '\"bert\"'",
  })
  void whatIsNotSupportedIsRefusedByName(String key, String value) {
    String json =
        """
        {"vocab_size": 11, "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1,
         "num_attention_heads": 2, "%s": %s}
        """
            .formatted(key, value);
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> ClipTextConfig.of(ConfigJson.parse("text_encoder/config.json", json)));
    assertTrue(
        e.getMessage().startsWith("text_encoder/config.json: " + key + " is " + value),
        e.getMessage());
  }
}
