package io.github.f2d4j.model.pipeline;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** One generation, in a recording of the flight recorder. The prompt is not recorded. */
@Name("io.github.f2d4j.Generation")
@Label("Generation")
@Category({"f2d4j", "Pipeline"})
@Description("From a prompt and a person to pictures")
@StackTrace(false)
final class RecordedGeneration extends Event {
  @Label("Images")
  int images;

  @Label("Width")
  int width;

  @Label("Height")
  int height;

  @Label("Steps")
  int steps;

  @Label("Scheduler")
  @Nullable String scheduler;

  @Label("Backend")
  @Nullable String backend;

  @Label("Outcome")
  @Description("done, cancelled, or the class of the exception that ended it")
  @Nullable String outcome;

  private RecordedGeneration() {}

  static GenerationResult record(
      GenerationRequest request,
      String backend,
      Stages.Body<GenerationResult, RuntimeException> body) {
    RecordedGeneration event = new RecordedGeneration();
    event.begin();
    String outcome = "done";
    try {
      return body.run();
    } catch (CancelledException e) {
      outcome = "cancelled";
      throw e;
    } catch (RuntimeException | Error e) {
      outcome = e.getClass().getName();
      throw e;
    } finally {
      event.end();
      if (event.shouldCommit()) {
        event.fill(request, backend, outcome);
        event.commit();
      }
    }
  }

  private void fill(GenerationRequest request, String ranOn, String how) {
    Integer w = request.width();
    Integer h = request.height();
    Integer n = request.steps();
    images = request.images();
    width = w == null ? 0 : w;
    height = h == null ? 0 : h;
    steps = n == null ? 0 : n;
    scheduler = request.scheduler().name();
    backend = ranOn;
    outcome = how;
  }
}
