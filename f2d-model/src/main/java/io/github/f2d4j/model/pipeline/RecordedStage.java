package io.github.f2d4j.model.pipeline;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** One stage of a run, in a recording of the flight recorder. */
@Name("io.github.f2d4j.Stage")
@Label("Stage")
@Category({"f2d4j", "Pipeline"})
@Description("Loading, an encoder, one denoising step, or the decoding of one picture")
@StackTrace(false)
final class RecordedStage extends Event {
  @Label("Stage")
  @Nullable String stage;

  @Label("Index")
  @Description("Which of its kind, from 1")
  int index;

  @Label("Total")
  @Description("How many of its kind")
  int total;

  private RecordedStage() {}

  static <T, X extends Exception> T record(
      String stage, int index, int total, Stages.Body<T, X> body) throws X {
    RecordedStage event = new RecordedStage();
    event.begin();
    T result = body.run();
    event.end();
    if (event.shouldCommit()) {
      event.stage = stage;
      event.index = index;
      event.total = total;
      event.commit();
    }
    return result;
  }
}
