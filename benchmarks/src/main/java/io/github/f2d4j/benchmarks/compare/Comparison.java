package io.github.f2d4j.benchmarks.compare;

import io.github.f2d4j.benchmarks.compare.Remote.Refused;
import io.github.f2d4j.benchmarks.compare.Remote.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs contenders in turns. Each workload is first run once by all and the results compared; then
 * in every round each contender has one turn, starting with another one each time, between bursts
 * that measure what the machine gives at that moment.
 */
final class Comparison {
  /** Threads of a library that has just finished may spin for a while. */
  private static final Duration PAUSE = Duration.ofMillis(25);

  /** Seconds. */
  private static final double LONG_CALL = 5;

  private static final int SLOW_TURNS = 2;

  private static final long ROOF_NANOS = 40_000_000;

  private final List<Remote> remotes;
  private final Settings settings;
  private final Consumer<String> progress;
  private final Limits limits = new Limits();

  /**
   * How long everything takes.
   *
   * @param rounds turns of every contender
   * @param turn the least time of a turn; at least one call
   * @param warmUp time of calls that are not counted, before the rounds
   * @param slow a contender that takes longer for a call has only {@value #SLOW_TURNS} turns
   * @param limit after which a call is given up and its contender stopped
   * @param scratch a folder for results on their way
   */
  record Settings(
      int rounds, Duration turn, Duration warmUp, Duration slow, Duration limit, Path scratch) {}

  /**
   * A comparison.
   *
   * @param remotes at least one; the results of the others are compared with the first one's
   */
  Comparison(List<Remote> remotes, Settings settings, Consumer<String> progress) {
    this.remotes = List.copyOf(remotes);
    this.settings = settings;
    this.progress = progress;
    limits.gflops(1_000_000_000);
  }

  /** What is known of a contender while a workload runs. */
  private static final class Entry {
    final Remote remote;
    final List<Double> seconds = new ArrayList<>();
    double error = Double.NaN;
    double prepare = Double.NaN;
    double first = Double.NaN;
    long peakBytes;
    float @Nullable [] result;
    @Nullable String refusal;

    Entry(Remote remote) {
      this.remote = remote;
    }

    Outcome outcome() {
      String name = remote.contender().name();
      return refusal != null
          ? Outcome.refused(name, refusal, error)
          : new Outcome(name, null, error, prepare, first, seconds, peakBytes);
    }
  }

  private interface Turn {
    void run(Entry entry) throws Refused, IOException;
  }

  /** Measures one workload. */
  Row measure(Workload workload) throws IOException {
    List<Entry> entries = remotes.stream().map(Entry::new).toList();
    each(entries, e -> e.remote.revive());
    each(entries, e -> e.prepare = e.remote.prepare(workload, settings.limit()));
    each(entries, e -> e.first = e.remote.time(Duration.ofNanos(1), settings.limit()).seconds());
    each(entries, e -> e.result = e.remote.result(settings.scratch(), settings.limit()));
    compare(entries);
    each(entries, this::warmUp);
    each(entries, e -> e.remote.mark());
    List<Double> peak = new ArrayList<>();
    List<Double> bandwidth = new ArrayList<>();
    List<Entry> order = new ArrayList<>(entries);
    for (int round = 0; round < settings.rounds(); round++) {
      double before = limits.gflops(ROOF_NANOS);
      each(order, this::turn);
      peak.add((before + limits.gflops(ROOF_NANOS)) / 2);
      bandwidth.add(limits.bandwidth(ROOF_NANOS));
      Collections.rotate(order, 1);
    }
    each(entries, e -> e.peakBytes = e.remote.memory().peak());
    List<Outcome> outcomes = entries.stream().map(Entry::outcome).toList();
    for (Entry e : entries) {
      if (e.remote.isAlive()) {
        release(e);
      }
    }
    Row row =
        new Row(
            workload.name(),
            workload.family(),
            workload.gflop(),
            workload.bytes(),
            outcomes,
            peak,
            bandwidth);
    progress.accept(summary(row));
    return row;
  }

  private boolean isSlow(Entry entry) {
    return entry.first > settings.slow().toMillis() / 1e3;
  }

  /** The call before and the one for the result have warmed up whatever takes long. */
  private void warmUp(Entry entry) throws Refused {
    if (!isSlow(entry) && entry.first < LONG_CALL) {
      entry.remote.time(settings.warmUp(), settings.limit());
    }
  }

  private void turn(Entry entry) throws Refused {
    if (isSlow(entry) && entry.seconds.size() == SLOW_TURNS) {
      return;
    }
    pause();
    Timing timing = entry.remote.time(settings.turn(), settings.limit());
    entry.seconds.add(timing.seconds());
  }

  private static void release(Entry entry) {
    try {
      entry.remote.release();
    } catch (Refused e) {
      entry.remote.close();
    }
  }

  /** Gives each a turn that has not been refused. */
  private static void each(List<Entry> entries, Turn turn) throws IOException {
    for (Entry e : entries) {
      if (e.refusal == null) {
        try {
          turn.run(e);
        } catch (Refused refused) {
          e.refusal = refused.getMessage();
        }
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Refuses every contender whose result is not the first one's. */
  private static void compare(List<Entry> entries) {
    float[] expected = null;
    String reference = "";
    for (Entry e : entries) {
      float[] result = e.result;
      if (e.refusal != null || result == null) {
        continue;
      }
      if (expected == null) {
        expected = result;
        reference = e.remote.contender().name();
        continue;
      }
      e.error = Agreement.error(result, expected);
      double allowed = e.remote.contender().precision().tolerance();
      if (!(e.error <= allowed)) {
        e.refusal =
            "wrong result, not timed: relative error %.2e against %s, %.0e allowed"
                .formatted(e.error, reference, allowed);
      }
    }
    entries.forEach(e -> e.result = null);
  }

  private static String summary(Row row) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Outcome o : row.outcomes()) {
      texts.put(
          o.contender(),
          o.isTimed() ? "%.2f ms".formatted(1e3 * o.median()) : String.valueOf(o.refusal()));
    }
    return row.workload() + ": " + texts;
  }
}
