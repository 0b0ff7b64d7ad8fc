package io.github.f2d4j.model.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.face.Landmarks;
import io.github.f2d4j.model.image.ImageException;
import io.github.f2d4j.model.image.ImageReader;
import io.github.f2d4j.model.image.PngTexts;
import io.github.f2d4j.model.image.PngWriter;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.origin.LibraryVersion;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.FaceInput;
import io.github.f2d4j.model.pipeline.GenerationListener;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.GenerationResult;
import io.github.f2d4j.model.pipeline.IdentityWords;
import io.github.f2d4j.model.pipeline.Tiles;
import io.github.f2d4j.model.scheduler.SchedulerConfig;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import io.github.f2d4j.model.testing.DemoCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayTest {
  private static Face2DiffusionPipeline pipeline;
  private static FaceIdentity person;
  private static IdentityWords words;
  private static GenerationResult result;

  @TempDir Path folder;
  private Path file;

  @BeforeAll
  static void generate() throws Exception {
    DemoModel demo = DemoModel.open();
    pipeline = Face2DiffusionPipeline.load(demo.folder());
    person = person(demo.face("face_4"));
    words = pipeline.words(person);
    result = pipeline.generate(words, tiny().build(), GenerationListener.NONE);
  }

  private static FaceIdentity person(DemoModel.SampleFace face) throws IOException {
    return pipeline.encode(
        FaceInput.photo(ImageReader.read(face.image()), Landmarks.read(face.landmarks())));
  }

  private static GenerationRequest.Builder tiny() {
    return GenerationRequest.of("a photo of f l at the beach").steps(2).size(20, 16).seed(5);
  }

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("a.png");
    write(record());
  }

  private static GenerationRecord record() throws IOException {
    return GenerationRecord.of(pipeline, words, result, 0);
  }

  private void write(GenerationRecord record) throws IOException {
    PngWriter.write(file, result.images().getFirst(), record.texts());
  }

  private List<Difference> differences() throws IOException {
    return Replay.read(file).differences(pipeline, words);
  }

  private Replay.Outcome run(Replay replay, IdentityWords with) throws IOException {
    return replay.run(pipeline, with, GenerationListener.NONE);
  }

  // ---- the same bytes

  @ParameterizedTest
  @EnumSource(SchedulerKind.class)
  void everySchedulerGivesTheSameBytes(SchedulerKind scheduler) throws IOException {
    GenerationRequest request =
        tiny()
            .prompt("f l, \u201cna\u00efve\u201d \u6f22\nNegative prompt: no")
            .negativePrompt("ugly, \"bad\"")
            .scheduler(scheduler)
            .steps(3)
            .eta(scheduler == SchedulerKind.DDIM ? 0.3 : 0)
            .guidanceScale(scheduler == SchedulerKind.EULER_ANCESTRAL ? 3.5 : 1)
            .seed(Long.MIN_VALUE)
            .images(2)
            .expression(List.of(0.1f, -1e-7f))
            .tiles(Tiles.ALWAYS)
            .build();
    IdentityWords smiling = pipeline.words(person, request.expression());
    GenerationResult two = pipeline.generate(smiling, request, GenerationListener.NONE);
    // Its place in the batch makes no difference.
    GenerationRecord record = GenerationRecord.of(pipeline, smiling, two, 1);
    PngWriter.write(file, two.images().get(1), record.texts());
    Replay replay = Replay.read(file);
    assertEquals(record, replay.record());
    assertEquals(smiling, replay.words(pipeline, person), "with the recorded expression");
    assertEquals(List.of(), replay.differences(pipeline, smiling));
    Replay.Outcome outcome = run(replay, smiling);
    assertTrue(outcome.sameBytes() && outcome.samePixels());
    assertArrayEquals(Files.readAllBytes(file), outcome.png());
  }

  @Test
  void anEmbeddedIdentityNeedsNoPhoto() throws IOException {
    write(record().withIdentity(words));
    Replay replay = Replay.read(file);
    IdentityWords embedded = replay.words(pipeline, null);
    assertEquals(words, embedded);
    assertEquals(List.of(), replay.differences(pipeline, embedded));
    assertTrue(run(replay, embedded).sameBytes());
    IdentityWords other = new IdentityWords(words.first(), words.first());
    assertThrows(IllegalArgumentException.class, () -> record().withIdentity(other));
  }

  // ---- what is named

  private void assertOnly(String ingredient, List<Difference> differences, String... parts) {
    assertEquals(List.of(ingredient), differences.stream().map(Difference::ingredient).toList());
    for (String part : parts) {
      String text = differences.getFirst().toString();
      assertTrue(text.contains(part), text + " must contain " + part);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"text_encoder", "unet", "vae", "msid", "mapping"})
  void aChangedWeightIsNamed(String part) throws IOException {
    Path other = DemoCopy.to(folder.resolve("model"));
    DemoCopy.changeWeight(other, part);
    Face2DiffusionPipeline changed = Face2DiffusionPipeline.load(other);
    assertOnly(
        "weights of " + part,
        Replay.read(file).differences(changed, words),
        pipeline.parts().requireDigests().of(part).substring(0, 12),
        changed.parts().requireDigests().of(part).substring(0, 12),
        "--model");
  }

  @Test
  void aChangedTokenizerOrSchedulerConfigIsNamed() throws IOException {
    Path other = DemoCopy.to(folder.resolve("model"));
    Path config = other.resolve("tokenizer/tokenizer_config.json");
    Files.writeString(config, Files.readString(config) + " ");
    assertOnly(
        "tokenizer", Replay.read(file).differences(Face2DiffusionPipeline.load(other), words));
    Path copy = DemoCopy.to(folder.resolve("second"));
    Path scheduler = copy.resolve("scheduler/scheduler_config.json");
    SchedulerConfig changed = SchedulerConfig.read(scheduler).with("beta_end", 0.0125);
    Files.writeString(scheduler, changed.json());
    assertOnly(
        "settings of the scheduler",
        Replay.read(file).differences(Face2DiffusionPipeline.load(copy), words),
        "0.0125");
  }

  private static GenerationRecord with(String version, String backend) throws IOException {
    GenerationRecord r = record();
    return new GenerationRecord(
        version,
        backend,
        r.request(),
        r.noise(),
        r.scheduler(),
        r.weights(),
        r.pixels(),
        r.identityCheck(),
        null);
  }

  @Test
  void anotherVersionBackendOrNoiseIsNamed() throws IOException {
    String here = record().backend();
    write(with("0.0.9", here));
    assertOnly("version of f2d4j", differences(), "0.0.9", LibraryVersion.VERSION);
    write(with(LibraryVersion.VERSION, "cuda"));
    assertOnly("backend", differences(), "cuda", here, "-Df2d4j.backend=cuda");
    write(with(LibraryVersion.VERSION, here + "+winograd-off"));
    assertOnly("backend", differences(), "choose it with -Df2d4j.winograd=off");
    write(record().withNoise("dice"));
    assertOnly("noise", differences(), "dice");
  }

  @Test
  void aPartThatIsMissingHereIsNamed() throws IOException {
    GenerationRecord r = record();
    SortedMap<String, String> weights = new TreeMap<>(r.weights());
    weights.put("adapter", "0".repeat(64));
    write(
        new GenerationRecord(
            r.version(),
            r.backend(),
            r.request(),
            r.noise(),
            r.scheduler(),
            weights,
            r.pixels(),
            r.identityCheck(),
            null));
    assertOnly("weights of adapter", differences(), "no such part");
  }

  @Test
  void aMissingOrOtherPersonIsNamed() throws Exception {
    Replay replay = Replay.read(file);
    assertNull(replay.words(pipeline, null), "by default a picture does not say who is in it");
    assertOnly("identity", replay.differences(pipeline, null), "none", "--card");
    IdentityWords other = pipeline.words(person(DemoModel.open().face("face_1")));
    assertOnly("identity", replay.differences(pipeline, other), "another");
  }

  /** The check confirms a person, and does not tell that two pictures show the same one. */
  @Test
  void picturesOfOnePersonHaveDifferentChecks() throws IOException {
    GenerationRequest other = tiny().seed(6).build();
    GenerationResult second = pipeline.generate(words, other, GenerationListener.NONE);
    GenerationRecord record = GenerationRecord.of(pipeline, words, second, 0);
    assertNotEquals(record().identityCheck(), record.identityCheck());
    assertTrue(record.isOf(words));
  }

  // ---- what was edited

  private void edit(UnaryOperator<String> parameters, UnaryOperator<String> json)
      throws IOException {
    RgbImage image = ImageReader.decode("a", Files.readAllBytes(file), LIMITS);
    Map<String, String> texts = new LinkedHashMap<>(PngTexts.read(file));
    texts.computeIfPresent("parameters", (k, v) -> parameters.apply(v));
    texts.computeIfPresent("f2d4j", (k, v) -> json.apply(v));
    PngWriter.write(file, image, texts);
  }

  private static final io.github.f2d4j.model.image.ImageLimits LIMITS =
      io.github.f2d4j.model.image.ImageLimits.DEFAULT.withMinSide(1);

  @Test
  void aPromptEditedInTheRecordIsNamed() throws IOException {
    edit(p -> p, j -> j.replace("beach", "moon"));
    assertOnly("prompt", differences(), "f l at the beach", "f l at the moon", "edited");
  }

  @Test
  void aPromptEditedInBothTextsIsNamed() throws IOException {
    edit(p -> p.replace("beach", "moon"), j -> j.replace("beach", "moon"));
    assertOnly("prompt", differences(), "another value", "f l at the moon");
  }

  @Test
  void aPromptOrSettingEditedInTheParametersIsNamed() throws IOException {
    edit(p -> p.replace("beach", "moon"), j -> j);
    assertOnly("prompt in the text parameters", differences(), "beach", "moon");
    write();
    edit(p -> p.replace("Seed: 5", "Seed: 6"), j -> j);
    assertOnly("Seed in the text parameters", differences(), "'5'", "'6'");
  }

  @Test
  void everyOtherEditIsNamed() throws IOException {
    Map<String, List<String>> edits = new LinkedHashMap<>();
    edits.put("seed", List.of("\"seed\":5", "\"seed\":50"));
    edits.put("steps", List.of("\"steps\":2", "\"steps\":3"));
    edits.put("scheduler", List.of(":\"euler-ancestral\"", ":\"euler\""));
    edits.put("negative prompt", List.of("\"negative_prompt\":\"\"", "\"negative_prompt\":\"x\""));
    edits.put("tiles", List.of("\"tiles\":\"auto\"", "\"tiles\":\"always\""));
    for (Map.Entry<String, List<String>> e : edits.entrySet()) {
      write();
      edit(p -> p, j -> j.replace(e.getValue().getFirst(), e.getValue().getLast()));
      List<String> named = differences().stream().map(Difference::ingredient).toList();
      assertTrue(named.contains(e.getKey()), e + " gave " + named);
    }
  }

  @Test
  void changedPixelsAreNamed() throws IOException {
    byte[] rgb = result.images().getFirst().rgb();
    rgb[7] ^= 1;
    PngWriter.write(file, RgbImage.of(20, 16, rgb), record().texts());
    assertOnly("pixels", differences(), "original");
  }

  @Test
  void aPictureSavedAgainStillHasTheSamePixels() throws IOException {
    Map<String, String> texts = new LinkedHashMap<>(record().texts());
    texts.remove(PngTexts.XMP);
    texts.remove("parameters");
    texts.put("Software", "an editor");
    PngWriter.write(file, result.images().getFirst(), texts);
    assertEquals(List.of(), differences());
    Replay.Outcome outcome = run(Replay.read(file), words);
    assertTrue(outcome.samePixels());
    assertFalse(outcome.sameBytes());
  }

  @Test
  void aForgedRecordIsFoundByTheResult() throws IOException {
    GenerationRecord r = record();
    GenerationRequest other = r.request().toBuilder().seed(77).build();
    write(
        new GenerationRecord(
            r.version(),
            r.backend(),
            other,
            r.noise(),
            r.scheduler(),
            r.weights(),
            r.pixels(),
            r.identityCheck(),
            null));
    assertEquals(List.of(), differences(), "its seals are in order");
    assertFalse(run(Replay.read(file), words).samePixels());
  }

  // ---- pictures without a usable record

  @Test
  void aPictureWithoutRecordIsRefused() throws IOException {
    PngWriter.write(file, result.images().getFirst());
    refused("no record");
    PngWriter.write(file, RgbImage.of(16, 20, new byte[16 * 20 * 3]), record().texts());
    refused("20 x 16", "resized");
    Files.writeString(file, "no picture");
    assertThrows(ImageException.class, () -> Replay.read(file));
  }

  private void refused(String... parts) {
    String message = assertThrows(RecordException.class, () -> Replay.read(file)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }
}
