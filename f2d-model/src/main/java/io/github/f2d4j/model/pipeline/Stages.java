package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.profile.FlightRecorder;
import java.time.Duration;

/** Times the stages of a run, for its listener and for the flight recorder. */
final class Stages {
  private Stages() {}

  /** What a stage computes. */
  interface Body<T, X extends Exception> {
    T run() throws X;
  }

  /** Runs {@code body} as a stage and tells {@code listener} how long it took. */
  static <T, X extends Exception> T timed(
      Stage.Kind kind, int index, int total, GenerationListener listener, Body<T, X> body)
      throws X {
    long start = System.nanoTime();
    T result =
        FlightRecorder.PRESENT
            ? RecordedStage.record(kind.title(), index, total, body)
            : body.run();
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    listener.onStage(new Stage(kind, index, total, elapsed));
    return result;
  }

  /** Runs a stage that happens once and outside of a generation. */
  static <T, X extends Exception> T timed(Stage.Kind kind, Body<T, X> body) throws X {
    return timed(kind, 1, 1, GenerationListener.NONE, body);
  }
}
