package io.github.f2d4j.model.cli;

import io.github.f2d4j.engine.profile.Profile;
import io.github.f2d4j.model.pipeline.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The times of a run as tables: by stage, and the steps' by kernel. */
final class ProfileTable {
  /** Single times of a stage that are worth printing. */
  private static final int MOST_TIMES = 100;

  private static final int TIMES_IN_A_LINE = 10;

  private final Map<Stage.Kind, List<Duration>> stages;
  private final List<Profile.Entry> kernels;
  private final long stepNanos;

  /**
   * Tables.
   *
   * @param kernels of the steps
   */
  ProfileTable(Map<Stage.Kind, List<Duration>> stages, List<Profile.Entry> kernels) {
    this.stages = stages;
    this.kernels = RunProfile.sums(kernels);
    this.stepNanos = total(stages.getOrDefault(Stage.Kind.STEP, List.of())).toNanos();
  }

  private static Duration total(List<Duration> times) {
    return times.stream().reduce(Duration.ZERO, Duration::plus);
  }

  private static double millis(Duration d) {
    return d.toNanos() / 1e6;
  }

  private static Duration median(List<Duration> times) {
    List<Duration> sorted = times.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private long between() {
    return stepNanos - kernels.stream().mapToLong(Profile.Entry::nanos).sum();
  }

  // ---- text

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("%-18s %6s %12s %12s".formatted("stage", "times", "total ms", "median ms"));
    stages.forEach(
        (kind, times) ->
            lines.add(
                "%-18s %6d %12.1f %12.1f"
                    .formatted(
                        kind.title(), times.size(), millis(total(times)), millis(median(times)))));
    stepTimes(lines);
    kernelTimes(lines);
    lines.replaceAll(String::stripTrailing);
    return lines;
  }

  private void stepTimes(List<String> lines) {
    List<Duration> steps = stages.getOrDefault(Stage.Kind.STEP, List.of());
    if (steps.isEmpty() || steps.size() > MOST_TIMES) {
      return;
    }
    lines.add("");
    lines.add("each step, ms");
    for (int i = 0; i < steps.size(); i += TIMES_IN_A_LINE) {
      List<Duration> some = steps.subList(i, Math.min(i + TIMES_IN_A_LINE, steps.size()));
      lines.add(
          some.stream().map(d -> "%9.1f".formatted(millis(d))).collect(Collectors.joining(" ")));
    }
  }

  private void kernelTimes(List<String> lines) {
    lines.add("");
    lines.add("where the steps' time goes");
    lines.add(
        "%-12s %-18s %-22s %8s %11s %7s %9s"
            .formatted("family", "operator", "kernel", "calls", "ms", "share", "GFLOP/s"));
    for (Profile.Entry e : kernels) {
      String speed = e.flops() == 0 ? "" : "%.1f".formatted(e.gigaflops());
      lines.add(
          "%-12s %-18s %-22s %8d %11.1f %6.1f%% %9s"
              .formatted(
                  e.family(),
                  e.operator(),
                  e.kernel(),
                  e.calls(),
                  e.nanos() / 1e6,
                  share(e.nanos()),
                  speed));
    }
    lines.add(
        "%-63s %10.1f %6.1f%%".formatted("between kernels", between() / 1e6, share(between())));
  }

  private double share(long nanos) {
    return stepNanos == 0 ? 0 : 100.0 * nanos / stepNanos;
  }

  // ---- JSON

  Map<String, Object> object() {
    Map<String, Object> object = new LinkedHashMap<>();
    Map<String, Object> times = new LinkedHashMap<>();
    stages.forEach(
        (kind, list) ->
            times.put(
                kind.name().toLowerCase(Locale.ROOT),
                list.stream().map(ProfileTable::millis).toList()));
    object.put("milliseconds", times);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Profile.Entry e : kernels) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("family", e.family());
      row.put("operator", e.operator());
      row.put("kernel", e.kernel());
      row.put("calls", e.calls());
      row.put("milliseconds", e.nanos() / 1e6);
      row.put("flops", e.flops());
      row.put("bytes", e.bytes());
      rows.add(row);
    }
    object.put("kernels", rows);
    object.put("between_kernels_milliseconds", between() / 1e6);
    return object;
  }
}
