package io.github.f2d4j.model.cli;

import io.github.f2d4j.engine.profile.Profile;
import io.github.f2d4j.model.pipeline.GenerationListener;
import io.github.f2d4j.model.pipeline.Stage;
import io.github.f2d4j.model.pipeline.StepProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Follows a command and says where its time went, if the user wants to know. */
final class RunProfile {
  private final boolean wanted;
  private final Profile profile = new Profile();
  private final Map<Stage.Kind, List<Duration>> stages = new TreeMap<>();
  private final List<Profile.Entry> kernels = new ArrayList<>();

  RunProfile(boolean wanted) {
    this.wanted = wanted;
  }

  /** Runs a stage that the pipeline does not report itself. */
  <T, X extends Exception> T stage(Stage.Kind kind, ScopedValue.CallableOp<? extends T, X> body)
      throws X {
    long start = System.nanoTime();
    T result = body.call();
    add(kind, Duration.ofNanos(System.nanoTime() - start));
    return result;
  }

  /** Runs a generation; its kernels are timed one by one. */
  <T> T generation(ScopedValue.CallableOp<? extends T, RuntimeException> body) {
    return wanted ? profile.<T, RuntimeException>recording(body) : body.call();
  }

  private void add(Stage.Kind kind, Duration elapsed) {
    stages.computeIfAbsent(kind, k -> new ArrayList<>()).add(elapsed);
  }

  /** Follows a generation that {@code listener} follows, too. */
  GenerationListener following(GenerationListener listener) {
    return new Follower(listener);
  }

  private final class Follower implements GenerationListener {
    private final GenerationListener listener;

    Follower(GenerationListener listener) {
      this.listener = listener;
    }

    @Override
    public void onStage(Stage stage) {
      add(stage.kind(), stage.elapsed());
      List<Profile.Entry> ran = profile.take();
      if (stage.kind() == Stage.Kind.STEP) {
        kernels.addAll(ran);
      }
      listener.onStage(stage);
    }

    @Override
    public void onStep(StepProgress progress) {
      listener.onStep(progress);
      profile.take(); // A preview's kernels are not the next step's.
    }

    @Override
    public void onWarning(String message) {
      listener.onWarning(message);
    }

    @Override
    public boolean isCancelled() {
      return listener.isCancelled();
    }
  }

  /** Adds the tables to a command's answer, if they are wanted. */
  void report(List<String> lines, Map<String, Object> object) {
    if (wanted) {
      ProfileTable table = new ProfileTable(stages, kernels);
      lines.addAll(table.lines());
      object.put("profile", table.object());
    }
  }

  /** As {@link #report(List, Map)} after one line of text. */
  String report(String line, Map<String, Object> object) {
    List<String> lines = new ArrayList<>(List.of(line));
    report(lines, object);
    return String.join(System.lineSeparator(), lines);
  }

  /** Entries of one kind added up, the longest time first. */
  static List<Profile.Entry> sums(List<Profile.Entry> entries) {
    Map<List<String>, Profile.Entry> sums = new LinkedHashMap<>();
    for (Profile.Entry e : entries) {
      sums.merge(List.of(e.family(), e.operator(), e.kernel()), e, Profile.Entry::plus);
    }
    return sums.values().stream().sorted(Profile.Entry.LONGEST_FIRST).toList();
  }
}
