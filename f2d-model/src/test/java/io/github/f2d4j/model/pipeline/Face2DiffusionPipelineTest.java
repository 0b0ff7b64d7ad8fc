package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.face.Landmarks;
import io.github.f2d4j.model.face.LandmarksException;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import io.github.f2d4j.model.text.IdentifierNotFoundException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the pipeline promises beside the right pictures, on the built-in model. */
class Face2DiffusionPipelineTest {
  private static final String PROMPT = "a photo of f l at the beach";

  private static Face2DiffusionPipeline pipeline;
  private static FaceIdentity face;

  @BeforeAll
  static void load() throws Exception {
    pipeline = Face2DiffusionPipeline.load(DemoModel.open().folder());
    face = Fingerprint.face(pipeline);
  }

  /** Keeps everything it is told. */
  private static class Recorder implements GenerationListener {
    final List<StepProgress> steps = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();

    @Override
    public void onStep(StepProgress progress) {
      steps.add(progress);
    }

    @Override
    public void onWarning(String message) {
      warnings.add(message);
    }
  }

  private static String generated(GenerationRequest request) {
    return Fingerprint.of(pipeline.generate(face, request).images());
  }

  private static void assertRefused(Executable call, String... words) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    for (String word : words) {
      assertTrue(message.contains(word), message + " must contain " + word);
    }
  }

  // ---- progress, previews, cancellation

  @Test
  void progressIsReported() {
    GenerationRequest request = Fingerprint.request().steps(4).images(2).build();
    Recorder recorder = new Recorder();
    GenerationResult result = pipeline.generate(face, request, recorder);
    assertEquals(4, pipeline.totalSteps(request));
    assertEquals(List.of(1, 2, 3, 4), recorder.steps.stream().map(StepProgress::step).toList());
    assertTrue(recorder.steps.stream().allMatch(s -> s.total() == 4));
    assertEquals(0.75, recorder.steps.get(2).fraction());
    assertEquals(Duration.ZERO, recorder.steps.getLast().remaining());
    for (int i = 1; i < 4; i++) {
      StepProgress before = recorder.steps.get(i - 1);
      StepProgress s = recorder.steps.get(i);
      assertTrue(s.elapsed().compareTo(before.elapsed()) >= 0);
      assertTrue(s.timestep() < before.timestep());
    }
    assertTrue(result.elapsed().compareTo(recorder.steps.getLast().elapsed()) >= 0);
    assertEquals(List.of(5L, 6L), result.seeds());
    assertEquals(List.of(), result.warnings());
    for (RgbImage image : result.images()) {
      assertEquals(20, image.width());
      assertEquals(16, image.height());
    }
  }

  @Test
  void timeLeftIsEstimatedFromTheMean() {
    StepProgress s = StepProgress.of(2, 10, 3_000_000_000L, 900, List::of);
    assertEquals(Duration.ofSeconds(3), s.elapsed());
    assertEquals(Duration.ofSeconds(12), s.remaining());
  }

  /** A preview is what the picture will be, smaller: after the last step closer than before. */
  @Test
  void previewsApproachThePicture() {
    Recorder recorder = new Recorder();
    GenerationRequest request = GenerationRequest.of(PROMPT).steps(12).build();
    RgbImage image = pipeline.generate(face, request, recorder).images().getFirst();
    RgbImage first = recorder.steps.getFirst().previews().get().getFirst();
    RgbImage last = recorder.steps.getLast().previews().get().getFirst();
    assertEquals(16, last.width());
    assertEquals(16, last.height());
    double error = meanDifference(image, last);
    assertTrue(error < 40, "the last preview is off by " + error + " of 255 on average");
    assertTrue(error < meanDifference(image, first), "the first preview is closer than the last");
  }

  /** Between the means of blocks of the picture and the pixels of the preview. */
  private static double meanDifference(RgbImage image, RgbImage preview) {
    int f = image.width() / preview.width();
    double sum = 0;
    for (int y = 0; y < preview.height(); y++) {
      for (int x = 0; x < preview.width(); x++) {
        for (int c = 0; c < 3; c++) {
          double mean = 0;
          for (int k = 0; k < f * f; k++) {
            mean += image.get(x * f + k % f, y * f + k / f, c) / (double) (f * f);
          }
          sum += Math.abs(mean - preview.get(x, y, c));
        }
      }
    }
    return sum / (preview.width() * preview.height() * 3);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void cancellingLeavesAUsablePipeline(int after) {
    GenerationRequest request = Fingerprint.request().steps(3).build();
    String expected = generated(request);
    Recorder recorder =
        new Recorder() {
          @Override
          public boolean isCancelled() {
            return steps.size() >= after;
          }
        };
    assertThrows(CancelledException.class, () -> pipeline.generate(face, request, recorder));
    assertEquals(after, recorder.steps.size());
    assertEquals(expected, generated(request));
  }

  @Test
  void interruptingCancelsAndIsKept() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(
          CancelledException.class, () -> pipeline.generate(face, Fingerprint.request().build()));
    } finally {
      assertTrue(Thread.interrupted(), "the interrupt must be kept");
    }
  }

  @Test
  void exceptionsOfTheListenerReachTheCaller() {
    GenerationListener broken =
        new GenerationListener() {
          @Override
          public void onStep(StepProgress progress) {
            throw new IllegalStateException("disk full");
          }
        };
    String message =
        assertThrows(
                IllegalStateException.class,
                () -> pipeline.generate(face, Fingerprint.request().build(), broken))
            .getMessage();
    assertEquals("disk full", message);
  }

  // ---- what a request changes

  @Test
  void defaultsAreTheModels() {
    GenerationRequest complete = pipeline.complete(GenerationRequest.of(PROMPT).build());
    assertEquals(64, complete.width());
    assertEquals(64, complete.height());
    assertEquals(30, complete.steps());
    assertEquals(4.0, complete.guidanceScale());
    assertEquals("f l", pipeline.defaults().identifier());
    assertEquals(SchedulerKind.EULER_ANCESTRAL, complete.scheduler());
  }

  /** Everything that should matter does. */
  @Test
  void everyPartOfARequestMatters() {
    GenerationRequest base = Fingerprint.request().build();
    String expected = generated(base);
    assertEquals(expected, generated(base.toBuilder().build()));
    List<Function<GenerationRequest.Builder, GenerationRequest.Builder>> changes =
        List.of(
            b -> b.prompt("a photo of f l in the snow"),
            b -> b.negativePrompt("sad"),
            b -> b.steps(3),
            b -> b.guidanceScale(7),
            b -> b.guidanceScale(1),
            b -> b.size(24, 16),
            b -> b.seed(4),
            b -> b.scheduler(SchedulerKind.EULER),
            b -> b.expression(List.of(1f, 0.5f)));
    for (int i = 0; i < changes.size(); i++) {
      String changed = generated(changes.get(i).apply(base.toBuilder()).build());
      assertNotEquals(expected, changed, "change " + i);
    }
    GenerationRequest ddim = base.toBuilder().scheduler(SchedulerKind.DDIM).build();
    assertNotEquals(generated(ddim), generated(ddim.toBuilder().eta(1).build()));
  }

  @ParameterizedTest
  @EnumSource(SchedulerKind.class)
  void everySamplerMakesAPicture(SchedulerKind kind) {
    GenerationRequest request = Fingerprint.request().steps(5).scheduler(kind).build();
    Recorder recorder = new Recorder();
    RgbImage image = pipeline.generate(face, request, recorder).images().getFirst();
    assertEquals(pipeline.totalSteps(request), recorder.steps.size());
    assertFalse(image.rgb()[0] == image.rgb()[3] && image.rgb()[0] == image.rgb()[100]);
  }

  @Test
  void anotherFaceIsAnotherPicture() {
    float[] features = face.features();
    for (int i = 0; i < features.length; i++) {
      features[i] = -features[i];
    }
    FaceIdentity other = FaceIdentity.of(features);
    assertTrue(face.similarity(other) < -0.99 && face.similarity(face) > 0.99);
    GenerationRequest request = Fingerprint.request().build();
    assertNotEquals(generated(request), Fingerprint.of(pipeline.generate(other, request).images()));
  }

  @Test
  void wordsServeInsteadOfTheFace() {
    GenerationRequest request = Fingerprint.request().build();
    IdentityWords words = pipeline.words(face);
    assertEquals(
        generated(request),
        Fingerprint.of(pipeline.generate(words, request, GenerationListener.NONE).images()));
    assertEquals(words, pipeline.words(face, null));
    assertNotEquals(words, pipeline.words(face, List.of(0f)));
  }

  /** In tiles the picture is nearly the same; one tile that covers it all is exactly the same. */
  @Test
  void tiledDecodingIsClose() {
    GenerationRequest small = Fingerprint.request().build();
    assertEquals(generated(small), generated(small.toBuilder().tiles(Tiles.ALWAYS).build()));
    GenerationRequest large = Fingerprint.request().size(160, 144).steps(1).build();
    RgbImage whole =
        pipeline.generate(face, large.toBuilder().tiles(Tiles.NEVER).build()).images().getFirst();
    RgbImage tiled = pipeline.generate(face, large).images().getFirst();
    assertNotEquals(whole, tiled, "beyond twice the trained size tiles are the default");
    assertTrue(
        meanDifference(whole, tiled) < 32, "tiles are off by " + meanDifference(whole, tiled));
  }

  // ---- what is refused or warned of

  @Test
  void promptWithoutIdentifierIsRefused() {
    for (String prompt : List.of("a photo of a person", "f and l", "l f", "fl")) {
      String message =
          assertThrows(
                  IdentifierNotFoundException.class,
                  () -> pipeline.generate(face, GenerationRequest.of(prompt).build()))
              .getMessage();
      assertTrue(message.contains("f l") && message.contains(prompt), message);
    }
  }

  @Test
  void cutOffWordsAreWarnedOf() {
    String lost = "at the beach ".repeat(12).strip();
    Recorder recorder = new Recorder();
    GenerationRequest request =
        Fingerprint.request()
            .prompt("a photo of f l " + lost + " in the snow")
            .negativePrompt(lost + " angry")
            .build();
    GenerationResult result = pipeline.generate(face, request, recorder);
    assertEquals(2, recorder.warnings.size());
    assertTrue(recorder.warnings.get(0).endsWith("in the snow\""), recorder.warnings.get(0));
    assertTrue(recorder.warnings.get(1).startsWith("the negative prompt"));
    assertTrue(recorder.warnings.get(1).endsWith("angry\""), recorder.warnings.get(1));
    assertEquals(recorder.warnings, result.warnings());
  }

  @Test
  void negativePromptWithoutGuidanceIsWarnedOf() {
    Recorder recorder = new Recorder();
    GenerationRequest request =
        Fingerprint.request().guidanceScale(1).negativePrompt("sad").build();
    pipeline.generate(face, request, recorder);
    assertEquals(1, recorder.warnings.size());
    assertTrue(recorder.warnings.getFirst().contains("guidance"));
  }

  @Test
  void cutOffIdentifierIsRefused() {
    String prompt = "at the beach ".repeat(12) + "f l";
    String message =
        assertThrows(
                IdentifierNotFoundException.class,
                () -> pipeline.generate(face, GenerationRequest.of(prompt).build()))
            .getMessage();
    assertTrue(message.contains("not within") && message.contains("front"), message);
  }

  @Test
  void requestsAreChecked() {
    assertRefused(() -> GenerationRequest.of(" ").build(), "prompt", "empty");
    assertRefused(() -> GenerationRequest.of(PROMPT).steps(0).build(), "steps", "0");
    assertRefused(() -> GenerationRequest.of(PROMPT).steps(1001).build(), "steps", "1001");
    assertRefused(() -> GenerationRequest.of(PROMPT).guidanceScale(0.5).build(), "guidance");
    assertRefused(
        () -> GenerationRequest.of(PROMPT).guidanceScale(Double.NaN).build(), "guidance", "NaN");
    assertRefused(() -> GenerationRequest.of(PROMPT).size(0, 64).build(), "width", "0");
    assertRefused(() -> GenerationRequest.of(PROMPT).size(64, 100_000).build(), "height");
    assertRefused(() -> GenerationRequest.of(PROMPT).images(0).build(), "images", "0");
    assertRefused(() -> GenerationRequest.of(PROMPT).eta(2).build(), "eta", "2");
    assertRefused(() -> GenerationRequest.of(PROMPT).expression(List.of()).build(), "expression");
    assertRefused(
        () -> GenerationRequest.of(PROMPT).expression(List.of(Float.NaN)).build(), "expression");
  }

  @Test
  void sizesSuitTheModel() {
    assertRefused(
        () -> pipeline.complete(GenerationRequest.of(PROMPT).size(66, 64).build()),
        "width",
        "66",
        "multiples of 4",
        "take 68");
    assertRefused(
        () -> pipeline.complete(GenerationRequest.of(PROMPT).size(64, 12).build()),
        "height",
        "12",
        "take 16");
  }

  @Test
  void inputsOfOtherModelsAreRefused() {
    assertRefused(() -> pipeline.words(FaceIdentity.of(1, 2, 3)), "3", "256");
    assertRefused(
        () -> pipeline.words(face, Collections.nCopies(65, 0f)), "65", "64", "expression");
    IdentityWords narrow = new IdentityWords(new float[] {1}, new float[] {2});
    assertRefused(
        () -> pipeline.generate(narrow, Fingerprint.request().build(), GenerationListener.NONE),
        "1",
        "128");
    assertRefused(() -> FaceIdentity.of(Float.NaN), "NaN");
    assertRefused(() -> FaceIdentity.of(1, 2).similarity(face), "2", "256");
    String message =
        assertThrows(
                IllegalStateException.class,
                () -> pipeline.encodeExpression(RgbImage.of(1, 1, new byte[3])))
            .getMessage();
    assertTrue(message.contains("expression encoder"), message);
  }

  @Test
  void facesNeedLandmarksUnlessAligned() throws Exception {
    RgbImage photo = RgbImage.of(200, 100, new byte[200 * 100 * 3]);
    assertRefused(() -> FaceInput.of(photo, null), "200 x 100", "landmarks");
    Landmarks outside = Landmarks.parse("500,20 540,20 520,40 505,60 535,60");
    String message =
        assertThrows(LandmarksException.class, () -> pipeline.encode(FaceInput.of(photo, outside)))
            .getMessage();
    assertTrue(message.contains("outside"), message);
    Landmarks inside = Landmarks.parse("50,20 90,20 70,40 55,60 85,60");
    assertEquals(256, pipeline.encode(FaceInput.of(photo, inside)).size());
  }
}
