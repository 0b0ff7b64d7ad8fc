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
 * that measure what the machine gives at that moment. Where memory does not hold all of them, the
 * first one meets the others group by group.
 */
final class Comparison {
  /** Threads of a library that has just finished may spin for a while. */
  private static final Duration PAUSE = Duration.ofMillis(25);

  /** Seconds. */
  private static final double LONG_CALL = 5;

  private static final int SLOW_TURNS = 1;

  /** Making ready and the first call may take this many limits: libraries choose and pack. */
  private static final int PATIENCE = 4;

  private static final long ROOF_NANOS = 40_000_000;

  private final List<Remote> remotes;
  private final Settings settings;
  private final Consumer<String> progress;
  private final Limits limits = new Limits();

  /**
   * How long everything takes.
   *
   * @param rounds turns of every contender
   * @param longRounds turns of one whose calls take longer than {@value #LONG_CALL} s
   * @param turn the least time of a turn; at least one call
   * @param warmUp time of calls that are not counted, before the rounds
   * @param slow a contender that takes longer for a call has only {@value #SLOW_TURNS} turn
   * @param limit after which a call is given up and its contender stopped
   * @param together how many contenders at most hold a workload at a time, at least 2
   * @param scratch a folder for results on their way
   */
  record Settings(
      int rounds,
      int longRounds,
      Duration turn,
      Duration warmUp,
      Duration slow,
      Duration limit,
      int together,
      Path scratch) {

    Settings {
      if (rounds < 1 || longRounds < 1 || together < 2) {
        throw new IllegalArgumentException(
            "%d rounds of %d contenders at a time: at least 1 and 2 are needed"
                .formatted(Math.min(rounds, longRounds), together));
      }
    }

    /** How long the calls may take in which a library makes itself ready. */
    Duration patience() {
      return limit.multipliedBy(PATIENCE);
    }
  }

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

    /** The call after the first, in which libraries do not make themselves ready any more. */
    double again = Double.NaN;

    long peakBytes;
    String settings = "";
    float @Nullable [] result;
    @Nullable String refusal;

    Entry(Remote remote) {
      this.remote = remote;
    }

    Outcome outcome() {
      String name = remote.contender().name();
      return refusal != null
          ? Outcome.refused(name, refusal, error)
          : new Outcome(name, null, error, prepare, first, seconds, peakBytes, settings);
    }
  }

  private interface Turn {
    void run(Entry entry) throws Refused, IOException;
  }

  /** Measures one workload: one row, or several that all have the first contender. */
  List<Row> measure(Workload workload) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (List<Remote> group : groups(remotes, settings.together())) {
      Row row = measure(workload, group.stream().map(Entry::new).toList());
      progress.accept(summary(row));
      rows.add(row);
    }
    return rows;
  }

  /** The first with at most {@code together - 1} of the others, until each had its turn. */
  static <T> List<List<T>> groups(List<T> all, int together) {
    if (all.size() <= together) {
      return List.of(all);
    }
    List<List<T>> groups = new ArrayList<>();
    for (int i = 1; i < all.size(); i += together - 1) {
      List<T> group = new ArrayList<>(all.subList(i, Math.min(all.size(), i + together - 1)));
      group.addFirst(all.getFirst());
      groups.add(group);
    }
    return groups;
  }

  private Row measure(Workload workload, List<Entry> entries) throws IOException {
    try {
      return timed(workload, entries);
    } finally {
      for (Entry e : entries) {
        if (e.remote.isAlive()) {
          release(workload, e);
        }
      }
    }
  }

  private Row timed(Workload workload, List<Entry> entries) throws IOException {
    Duration patience = settings.patience();
    each(entries, e -> e.remote.revive());
    each(entries, e -> e.prepare = e.remote.prepare(workload, patience));
    each(entries, e -> e.first = e.remote.time(Duration.ofNanos(1), patience).seconds());
    each(entries, e -> e.result = e.remote.result(settings.scratch(), patience));
    compare(workload, entries);
    each(entries, this::again);
    each(entries, this::warmUp);
    each(entries, e -> e.remote.mark());
    List<Double> peak = new ArrayList<>();
    List<Double> bandwidth = new ArrayList<>();
    List<Entry> order = new ArrayList<>(entries);
    for (int round = 0; round < rounds(entries); round++) {
      double before = limits.gflops(ROOF_NANOS);
      each(order, this::turn);
      peak.add((before + limits.gflops(ROOF_NANOS)) / 2);
      bandwidth.add(limits.bandwidth(ROOF_NANOS));
      Collections.rotate(order, 1);
    }
    each(entries, e -> e.peakBytes = e.remote.memory().peak());
    each(entries, e -> e.settings = e.remote.settings());
    return new Row(
        workload.name(),
        workload.family(),
        workload.gflop(),
        workload.bytes(),
        entries.stream().map(Entry::outcome).toList(),
        peak,
        bandwidth);
  }

  /** As many as those who met the first contender can use; all if nobody met it. */
  private int rounds(List<Entry> entries) {
    return entries.stream()
        .skip(entries.size() > 1 ? 1 : 0)
        .filter(e -> e.refusal == null)
        .mapToInt(this::turns)
        .max()
        .orElseGet(() -> turns(entries.getFirst()));
  }

  private int turns(Entry entry) {
    if (isSlow(entry)) {
      return SLOW_TURNS;
    }
    return entry.again > LONG_CALL ? settings.longRounds() : settings.rounds();
  }

  private boolean isSlow(Entry entry) {
    return entry.first > settings.slow().toMillis() / 1e3;
  }

  private void again(Entry entry) throws Refused {
    entry.again =
        isSlow(entry)
            ? entry.first
            : entry.remote.time(Duration.ofNanos(1), settings.patience()).seconds();
  }

  /** The calls before and the one for the result have warmed up whatever takes long. */
  private void warmUp(Entry entry) throws Refused {
    if (!isSlow(entry) && entry.again < LONG_CALL) {
      entry.remote.time(settings.warmUp(), settings.limit());
    }
  }

  private void turn(Entry entry) throws Refused {
    if (entry.seconds.size() == turns(entry)) {
      return;
    }
    pause();
    Timing timing = entry.remote.time(settings.turn(), settings.limit());
    entry.seconds.add(timing.seconds());
  }

  /** A network's memory goes back to the system, with the process if need be. */
  private static void release(Workload workload, Entry entry) {
    try {
      if (workload instanceof Workload.Network) {
        entry.remote.close();
      } else {
        entry.remote.release();
      }
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
  private static void compare(Workload workload, List<Entry> entries) {
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
      double allowed = e.remote.contender().precision().tolerance(workload);
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
