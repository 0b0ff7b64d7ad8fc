package io.github.f2d4j.gpubundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.f2d4j.gpubundle.Step.Precision;
import io.github.f2d4j.gpubundle.StepResult.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The models' own tests against the reference fixtures, on the CUDA backend over a simulated GPU:
 * the steps {@code goldens-f32} and {@code goldens-f16} of the bundle with another device, in
 * processes of their own.
 */
class SimulatedGoldensTest {
  /** One class for each model. */
  private static final Set<String> MODELS =
      new TreeSet<>(
          List.of(
              "UNetGoldenTest",
              "MsidVitGoldenTest",
              "IResNetGoldenTest",
              "MappingGoldenTest",
              "ClipTextGoldenTest",
              "AutoencoderKlGoldenTest"));

  private static final String CLASSES = ".*\\.(" + String.join("|", MODELS) + ")";

  /** Two pictures at one time or another: each takes as long as all other steps of the denoiser. */
  private static final String LARGE = "unet\\S* out\\.t.*";

  @TempDir Path folder;

  private static Step step(Precision precision, String classes, String without) {
    Step step = Step.simulatedGoldens(precision, classes, without);
    List<String> flags = new ArrayList<>(step.flags());
    if (System.getProperty("goldens") == null) {
      flags.add("-Dgoldens=" + Path.of("../../f2d-model/src/test/resources/goldens"));
    }
    return new Step(step.name(), step.title(), step.command(), flags, step.minutes(), false);
  }

  @Test
  void modelsMatchUpstream() throws Exception {
    List<Callable<StepResult>> runs = new ArrayList<>();
    for (Precision p : List.of(Precision.F32, Precision.F16)) {
      runs.add(() -> new StepProcess(folder).run(step(p, CLASSES, LARGE)));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(runs.size())) {
      for (Future<StepResult> run : threads.invokeAll(runs)) {
        StepResult result = run.get();
        assertEquals(List.of(), result.failures, result.name);
        assertEquals(Status.PASSED, result.status(), result.name + " " + result.obstacles);
        assertTrue(
            result.facts.get("backend").asText().contains("simulated GPU"), result.facts::toString);
        assertEquals(MODELS, passed(folder.resolve(result.name + ".events")), result.name);
      }
    }
  }

  /** The classes of which a test has passed. */
  private static Set<String> passed(Path events) throws IOException {
    Set<String> classes = new TreeSet<>();
    String running = "";
    for (JsonNode event : Events.read(events)) {
      switch (event.path("event").asText()) {
        case "start" -> running = event.path("name").asText().split(" ", 2)[0];
        case "pass" -> classes.add(running);
        default -> {}
      }
    }
    return classes;
  }

  /** What float16 loses is noticed where float32 is asked for. */
  @Test
  void tooLargeAnErrorIsAFailure() throws Exception {
    Step step = step(Precision.F16, ".*\\.MappingGoldenTest", "");
    List<String> flags = new ArrayList<>(step.flags());
    flags.add("-Df2d4j.test.relative=0");
    StepResult result =
        new StepProcess(folder)
            .run(new Step("strict", step.title(), step.command(), flags, step.minutes(), false));
    assertEquals(Status.FAILED, result.status());
    assertTrue(
        result.failures.getFirst().message().contains("values differ by more than atol 1.00e-05"),
        result.failures::toString);
  }
}
