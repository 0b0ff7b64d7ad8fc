package io.github.f2d4j.model.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.f2d4j.fuzz.Attempt;
import io.github.f2d4j.model.image.Chunks;
import io.github.f2d4j.model.image.ImageException;
import io.github.f2d4j.model.image.PngTexts;
import io.github.f2d4j.model.image.PngWriter;
import io.github.f2d4j.model.image.RgbImage;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a picture tells of how it was made. Input: a PNG file, or the JSON text of the record, and
 * the same as the text that other image tools write.
 *
 * <p>The texts of a PNG file are refused by {@link ImageException} alone, or come out equal when
 * written and read again; a record by {@link RecordException} alone, or it is equal when written
 * and read again, with every seal whole.
 */
class RecordFuzzTest {
  private static final long BOUND = 48L << 20;

  private static final RgbImage PIXEL = RgbImage.of(1, 1, new byte[3]);

  @FuzzTest
  void record(byte[] input) throws Exception {
    if (input.length > 0 && input[0] == (byte) 0x89) {
      texts(Chunks.repair(input));
      return;
    }
    String text = new String(input, StandardCharsets.UTF_8);
    Optional<RecordJson.Sealed> read =
        Attempt.of(RecordException.class, BOUND, () -> RecordJson.read("the input", text));
    if (read.isPresent()) {
      GenerationRecord record = read.get().record();
      RecordJson.Sealed again = RecordJson.read("the copy", RecordJson.write(record));
      assertEquals(record, again.record());
      assertEquals(Set.of(), again.broken());
      byte[] png = PngWriter.encode(PIXEL, record.texts());
      assertEquals(
          RecordJson.write(record), PngTexts.parse("the copy", png).get(RecordJson.KEYWORD));
    }
    assertTrue(Parameters.parse(text).containsKey("prompt"));
  }

  private static void texts(byte[] file) throws Exception {
    Optional<Map<String, String>> read =
        Attempt.of(ImageException.class, BOUND, () -> PngTexts.parse("the input", file));
    if (read.isEmpty()) {
      return;
    }
    byte[] copy;
    try {
      copy = PngWriter.encode(PIXEL, read.get());
    } catch (IllegalArgumentException e) {
      return; // keywords that a writer must not write
    }
    Map<String, String> again = PngTexts.parse("the copy", copy);
    assertEquals(read.get().keySet(), again.keySet());
    read.get().forEach((k, v) -> assertEquals(v.replace('\0', ' '), again.get(k)));
    String record = read.get().get(RecordJson.KEYWORD);
    if (record != null) {
      Attempt.of(RecordException.class, BOUND, () -> RecordJson.read("the input", record));
    }
  }
}
