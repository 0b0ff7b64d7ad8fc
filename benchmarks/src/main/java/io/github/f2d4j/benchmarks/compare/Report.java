package io.github.f2d4j.benchmarks.compare;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Everything one run measured.
 *
 * @param title what was compared
 * @param date when, in UTC
 * @param machine where
 * @param threads threads of each contender
 * @param command what repeats it
 * @param contenders name and self-description, the first being the one that others are compared
 *     with
 * @param rows one for each workload
 */
public record Report(
    String title,
    String date,
    Machine machine,
    int threads,
    String command,
    Map<String, String> contenders,
    List<Row> rows) {

  /** Denoising steps of a picture by default. */
  private static final int STEPS = 30;

  /** Copies the list. */
  public Report {
    rows = List.copyOf(rows);
  }

  private String first() {
    return contenders.keySet().iterator().next();
  }

  private List<String> others() {
    return contenders.keySet().stream().skip(1).toList();
  }

  /**
   * The rows of each workload, in order: one, or several in which the first contender meets the
   * others group by group.
   */
  Map<String, List<Row>> byWorkload() {
    return rows.stream()
        .collect(Collectors.groupingBy(Row::workload, LinkedHashMap::new, Collectors.toList()));
  }

  private static Optional<Outcome> outcome(Row row, String contender) {
    return row.outcomes().stream().filter(o -> o.contender().equals(contender)).findFirst();
  }

  private List<Double> all(java.util.function.Function<Row, List<Double>> values) {
    return rows.stream().flatMap(r -> values.apply(r).stream()).toList();
  }

  /** The report in Markdown. */
  String markdown() {
    StringBuilder out = new StringBuilder();
    out.append("# ").append(title).append(", ").append(date, 0, 10).append("\n\n");
    head(out);
    ratios(out);
    image(out);
    roofline(out);
    details(out);
    settings(out);
    return out.toString();
  }

  private void head(StringBuilder out) {
    out.append("`").append(command).append("`\n\n");
    line(out, "- Machine: %s".formatted(machine.describe()));
    line(out, "- Threads: %d; load before the run: %.2f".formatted(threads, machine.loadBefore()));
    line(out, "- Time: %s".formatted(date));
    contenders.forEach((name, description) -> line(out, "- %s: %s".formatted(name, description)));
    List<Double> peaks = all(Row::peak);
    List<Double> bandwidths = all(Row::bandwidth);
    line(
        out,
        ("- Arithmetic peak (multiply-adds in registers, bursts between the turns): median %.0f"
                + " GFLOP/s, 5–95 %% of the bursts %.0f–%.0f: that is how much this machine's speed"
                + " swings")
            .formatted(Quantiles.median(peaks), Quantiles.at(5, peaks), Quantiles.at(95, peaks)));
    line(
        out,
        "- Memory (copying 128 MiB, read and written): median %.1f GB/s, 5–95 %% %.1f–%.1f"
            .formatted(
                Quantiles.median(bandwidths) / 1e9,
                Quantiles.at(5, bandwidths) / 1e9,
                Quantiles.at(95, bandwidths) / 1e9));
    out.append(
        """

        Contenders take turns, call by call, in processes of their own; every round starts with
        another one. Times are medians over the rounds. A ratio is the median, with quartiles, of
        the quotients of times of the same round. Before anything was timed each result was
        compared with the first contender's: relative error ‖a−b‖/‖b‖ below 1e-5 in float32, 3e-5
        for the VAE's decoder.

        """);
  }

  private void ratios(StringBuilder out) {
    String us = first();
    out.append("## Times\n\n| workload | ").append(us).append(" | of the peak |");
    others().forEach(o -> out.append(' ').append(o).append(" | ").append(us).append("/it |"));
    out.append("\n|---|---|---|").append("---|---|".repeat(others().size())).append('\n');
    for (List<Row> group : byWorkload().values()) {
      Row row = group.getFirst();
      out.append("| ").append(row.workload()).append(" | ").append(time(row, us));
      List<Double> shares = row.shares(us);
      out.append(
          shares.isEmpty() ? " | – |" : " | %.0f %% |".formatted(100 * Quantiles.median(shares)));
      for (String other : others()) {
        Row met = group.stream().filter(r -> outcome(r, other).isPresent()).findFirst().orElse(row);
        out.append(' ').append(time(met, other)).append(" | ").append(ratio(met, other));
        out.append(" |");
      }
      out.append('\n');
    }
    out.append('\n');
  }

  private static String time(Row row, String contender) {
    return outcome(row, contender)
        .map(
            o ->
                o.isTimed()
                    ? Text.seconds(o.median()) + (o.seconds().size() == 1 ? " (once)" : "")
                    : Text.reason(String.valueOf(o.refusal())))
        .orElse("–");
  }

  private String ratio(Row row, String other) {
    List<Double> ratios = row.ratios(first(), other);
    return ratios.isEmpty()
        ? "–"
        : "**%.2f** (%.2f–%.2f)"
            .formatted(
                Quantiles.median(ratios), Quantiles.at(25, ratios), Quantiles.at(75, ratios));
  }

  /** What a picture takes by these medians, where there are all of its parts. */
  private void image(StringBuilder out) {
    StringBuilder lines = new StringBuilder();
    for (String contender : contenders.keySet()) {
      OptionalDouble seconds = imageSeconds(contender);
      if (seconds.isPresent()) {
        line(lines, "- %s: %s".formatted(contender, Text.seconds(seconds.getAsDouble())));
      }
    }
    if (!lines.isEmpty()) {
      out.append(
          """
          A whole picture of 512×512 by these medians, calculated: the text encoder, %d guided
          steps of the denoiser, the decoder; without sampler, guidance and files:

          """
              .formatted(STEPS));
      out.append(lines).append('\n');
    }
  }

  private OptionalDouble imageSeconds(String contender) {
    double sum = 0;
    for (Net net : List.of(Net.TEXT_ENCODER, Net.UNET, Net.VAE_DECODER)) {
      String name = new Workload.Network(net).name();
      Optional<Outcome> timed =
          rows.stream()
              .filter(r -> r.workload().equals(name))
              .flatMap(r -> r.timed(contender).stream())
              .findFirst();
      if (timed.isEmpty()) {
        return OptionalDouble.empty();
      }
      sum += (net == Net.UNET ? STEPS : 1) * timed.get().median();
    }
    return OptionalDouble.of(sum);
  }

  /** The families that have rows. */
  private Set<Workload.Family> families() {
    Set<Workload.Family> found = EnumSet.noneOf(Workload.Family.class);
    rows.forEach(r -> found.add(r.family()));
    return found;
  }

  /**
   * A family of workloads under a contender: its arithmetic a second against the peak, and against
   * what the memory's speed allows.
   *
   * @param gflops total work over total median time
   * @param roof the lower of the peak and of intensity × bandwidth
   */
  record Point(
      Workload.Family family,
      String contender,
      double intensity,
      double gflops,
      double peak,
      double bandwidth,
      double roof) {}

  /** Every family and contender that has times. */
  List<Point> points() {
    List<Point> points = new ArrayList<>();
    for (Workload.Family family : families()) {
      for (String contender : contenders.keySet()) {
        List<Row> timed =
            rows.stream()
                .filter(r -> r.family() == family && r.timed(contender).isPresent())
                .toList();
        if (timed.isEmpty()) {
          continue;
        }
        double gflop = timed.stream().mapToDouble(Row::gflop).sum();
        double bytes = timed.stream().mapToDouble(Row::bytes).sum();
        double seconds =
            timed.stream().mapToDouble(r -> r.timed(contender).orElseThrow().median()).sum();
        double peak = Quantiles.median(timed.stream().flatMap(r -> r.peak().stream()).toList());
        double bandwidth =
            Quantiles.median(timed.stream().flatMap(r -> r.bandwidth().stream()).toList());
        double intensity = gflop * 1e9 / bytes;
        double roof = Math.min(peak, intensity * bandwidth / 1e9);
        points.add(
            new Point(family, contender, intensity, gflop / seconds, peak, bandwidth / 1e9, roof));
      }
    }
    return points;
  }

  private void roofline(StringBuilder out) {
    out.append("## Roofline\n\n");
    out.append(
        """
        Work is counted by the direct form, so a 3×3 convolution with fewer multiplications can
        pass the peak. Bytes are the least traffic: every operand once. The roof is the lower of
        the peak and of intensity × memory speed.

        | class | contender | FLOP/byte | GFLOP/s | of the peak | GB/s, least traffic | of the \
        memory's speed | of the roof | bound by |
        |---|---|---|---|---|---|---|---|---|
        """);
    for (Point p : points()) {
      line(
          out,
          "| %s | %s | %.1f | %.1f | %.0f %% | %.1f | %.0f %% | %.0f %% | %s |"
              .formatted(
                  p.family().label(),
                  p.contender(),
                  p.intensity(),
                  p.gflops(),
                  100 * p.gflops() / p.peak(),
                  p.gflops() / p.intensity(),
                  100 * p.gflops() / p.intensity() / p.bandwidth(),
                  100 * p.gflops() / p.roof(),
                  p.roof() < p.peak() ? "memory" : "arithmetic"));
    }
    out.append('\n');
  }

  private void details(StringBuilder out) {
    out.append(
        """
        ## Every contender

        | workload | contender | median | quartiles | GFLOP/s | of the peak | error | ready in \
        | first call | peak memory |
        |---|---|---|---|---|---|---|---|---|---|
        """);
    for (Row row : rows) {
      for (Outcome o : row.outcomes()) {
        if (!o.isTimed()) {
          line(
              out,
              "| %s | %s | %s | | | | %s | | | |"
                  .formatted(
                      row.workload(),
                      o.contender(),
                      Text.reason(String.valueOf(o.refusal())),
                      Text.error(o.error())));
          continue;
        }
        line(
            out,
            "| %s | %s | %s | %s–%s | %.1f | %.0f %% | %s | %s | %s | %s |"
                .formatted(
                    row.workload(),
                    o.contender(),
                    Text.seconds(o.median()),
                    Text.seconds(Quantiles.at(25, o.seconds())),
                    Text.seconds(Quantiles.at(75, o.seconds())),
                    row.gflop() / o.median(),
                    100 * Quantiles.median(row.shares(o.contender())),
                    Text.error(o.error()),
                    Text.seconds(o.prepareSeconds()),
                    Text.seconds(o.firstSeconds()),
                    "%.2f GB".formatted(o.peakBytes() / 1e9)));
      }
    }
  }

  /** What libraries chose, where they had a choice. */
  private void settings(StringBuilder out) {
    StringBuilder lines = new StringBuilder();
    for (Row row : rows) {
      for (Outcome o : row.outcomes()) {
        if (!o.settings().isEmpty()) {
          line(lines, "- %s, %s: %s".formatted(row.workload(), o.contender(), o.settings()));
        }
      }
    }
    if (!lines.isEmpty()) {
      out.append("\n## Forms that were the fastest in the first call\n\n").append(lines);
    }
  }

  private static void line(StringBuilder out, String text) {
    out.append(text).append('\n');
  }
}
