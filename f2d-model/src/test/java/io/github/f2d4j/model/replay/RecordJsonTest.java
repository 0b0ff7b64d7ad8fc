package io.github.f2d4j.model.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.IdentityWords;
import io.github.f2d4j.model.scheduler.SchedulerConfig;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordJsonTest {
  private static final String HASH = "0123456789abcdef".repeat(4);

  private static GenerationRecord record(String prompt, long seed, double guidance, float c) {
    return new GenerationRecord(
        "1.2.3",
        "cpu",
        GenerationRequest.of(prompt)
            .negativePrompt(prompt)
            .steps(30)
            .guidanceScale(guidance)
            .size(512, 768)
            .seed(seed)
            .scheduler(SchedulerKind.DPM_SOLVER_2M_KARRAS)
            .expression(List.of(c, -c))
            .build(),
        GenerationRecord.TORCH_CPU,
        SchedulerConfig.stableDiffusion().with("trained_betas", "x"),
        new TreeMap<>(Map.of("unet", HASH, "vae", HASH)),
        HASH,
        HASH,
        new IdentityWords(new float[] {c, 1}, new float[] {Float.MIN_VALUE, -0f}));
  }

  private static String json() {
    return RecordJson.write(record("a photo of f l", 7, 7, 0.5f));
  }

  @Property(tries = 100)
  void whatWasWrittenIsRead(
      @ForAll String prompt, @ForAll long seed, @ForAll double guidance, @ForAll int bits)
      throws RecordException {
    float c = Float.intBitsToFloat(bits);
    GenerationRecord record =
        record("f" + prompt, seed, 1 + 99 * Math.abs(Math.sin(guidance)), finite(c));
    String json = RecordJson.write(record);
    assertTrue(json.chars().allMatch(x -> x >= 32 && x < 127), "ASCII alone: " + json);
    RecordJson.Sealed read = RecordJson.read("a.png", json);
    assertEquals(record, read.record());
    assertEquals(Set.of(), read.broken());
  }

  /** Delete is a control character that JSON need not escape. */
  @Example
  void controlCharactersAreEscaped() throws RecordException {
    GenerationRecord record = record("f" + (char) 127 + (char) 7, 1, 2, 0.5f);
    String json = RecordJson.write(record);
    assertTrue(json.contains("\"f\\u007f\\u0007\""), json);
    assertEquals(record, RecordJson.read("a.png", json).record());
  }

  private static float finite(float c) {
    return Float.isFinite(c) ? c : 1;
  }

  private static void refused(String json, String... parts) {
    String message =
        assertThrows(RecordException.class, () -> RecordJson.read("a.png", json)).getMessage();
    assertTrue(message.startsWith("a.png: its record"), message);
    assertTrue(message.length() < 1000 && message.chars().noneMatch(Character::isISOControl));
    for (String part : parts) {
      assertTrue(message.contains(part), message + " must contain " + part);
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "\"format_version\":1  | \"format_version\":2   | version 2",
        "\"format\":\"f2d4j    | \"format\":\"other     | format",
        "\"seed\":7            | \"seed\":7.5           | seed",
        "\"seed\":7            | \"seed\":9223372036854775808 | seed",
        "\"seed\":7            | \"seed\":\"7\"         | seed",
        "\"steps\":30          | \"steps\":100000       | steps",
        "\"steps\":30          | \"steps\":null         | steps",
        "\"width\":512         | \"width\":1000000      | width",
        "\"width\":512         | \"breadth\":512        | width",
        "\"guidance_scale\":7.0 | \"guidance_scale\":1e9 | guidance",
        "\"guidance_scale\":7.0 | \"guidance_scale\":\"NaN\" | guidance_scale",
        "\"eta\":0.0           | \"eta\":2              | eta",
        "\"prompt\":\"a photo of f l\",\"neg | \"prompt\":\" \",\"neg | prompt",
        "\"prompt\":\"a photo of f l\",\"neg | \"prompt\":7,\"neg | prompt",
        "dpm++-2m-karras       | magic                  | scheduler",
        "\"tiles\":\"auto\"    | \"tiles\":\"AUTO\"     | tiles",
        "\"expression\":[0.5   | \"expression\":[\"x\"  | expression",
        "\"expression\":[0.5   | \"expression\":[1e300  | expression",
        "\"unet\":\"0          | \"unet\":\"x           | weights.unet",
        "\"unet\":\"0          | \"../u\":\"0           | weights",
        "\"check\":\"0         | \"check\":\"           | identity.check",
        "\"words\":\"          | \"words\":\"=          | identity",
        "\"words\":\"          | \"face\":\"            | identity.face",
        "\"backend\":\"cpu\"   | \"backend\":\"\\u001b[2J\" | backend",
        "\"seals\":{           | \"extra\":1,\"seals\":{ | extra",
        "\"seals\":{           | \"seed\":7,\"seals\":{  | Duplicate",
      })
  void aWrongValueIsNamed(String good, String bad, String part) {
    String json = json();
    assertTrue(json.contains(good), json);
    refused(json.replace(good, bad), part);
  }

  @Test
  void whatIsNoRecordIsRefused() {
    for (String text : List.of("", "7", "[]", "{}", "{", "null", "\"x\"")) {
      refused(text.isEmpty() ? " " : text, "");
    }
    refused("[".repeat(100_000), "not JSON");
    refused(json() + "{}", "not JSON");
    refused("{\"format\":\"" + "x".repeat(5 << 20) + "\"}", "not JSON");
  }

  @Test
  void wordsThatAreNotFiniteAreRefused() {
    refused(json().replaceFirst("\"words\":\"[^\"]*", "\"words\":\"AADAfwAAAAA="), "finite");
  }

  @Test
  void aBrokenSealNamesItsKey() throws RecordException {
    String json = json();
    assertEquals(
        Set.of("steps"),
        RecordJson.read("a", json.replace("\"steps\":30", "\"steps\":31")).broken());
    String none = json.substring(0, json.indexOf(",\"seals\"")) + ",\"seals\":{}}";
    assertEquals(18, RecordJson.read("a", none).broken().size());
  }

  /** Whatever is changed, there is a record or a message. */
  @Property(tries = 300)
  void damageIsNeverAnythingElse(@ForAll long seed) {
    Random random = new Random(seed);
    StringBuilder json = new StringBuilder(json());
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      int at = random.nextInt(json.length());
      switch (random.nextInt(3)) {
        case 0 -> json.deleteCharAt(at);
        case 1 -> json.insert(at, (char) random.nextInt(32, 127));
        default -> json.setCharAt(at, (char) random.nextInt(32, 127));
      }
    }
    try {
      RecordJson.read("a.png", json.toString());
    } catch (RecordException e) {
      assertTrue(e.getMessage().startsWith("a.png: "), e.getMessage());
    }
  }
}
