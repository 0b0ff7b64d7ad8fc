package io.github.f2d4j.benchmarks.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Two plots of a report, as SVG text: who takes how long, and how near the roofs. */
final class SvgPlot {
  private static final List<String> COLOURS =
      List.of("#1b6ca8", "#d1495b", "#edae49", "#66a182", "#8d6a9f", "#555555", "#00798c");
  private static final int LEFT = 300;
  private static final int WIDTH = 1000;
  private static final int ROW = 24;
  private static final int TOP = 80;

  private final Report report;
  private final Map<String, String> colours = new java.util.HashMap<>();
  private final StringBuilder out = new StringBuilder();

  private SvgPlot(Report report) {
    this.report = report;
    int i = 0;
    for (String contender : report.contenders().keySet()) {
      colours.put(contender, COLOURS.get(i++ % COLOURS.size()));
    }
  }

  /**
   * A logarithmic axis from {@code low} to {@code high}, drawn from {@code start} to {@code end}.
   */
  private record Axis(double low, double high, double start, double end) {
    double at(double value) {
      double clamped = Math.max(low, Math.min(high, value));
      return start + Math.log(clamped / low) / Math.log(high / low) * (end - start);
    }

    List<Double> ticks() {
      List<Double> ticks = new ArrayList<>();
      for (double decade = 1e-6; decade < 1e9; decade *= 10) {
        for (double m : new double[] {1, 2, 5}) {
          if (decade * m >= low * 0.999 && decade * m <= high * 1.001) {
            ticks.add(decade * m);
          }
        }
      }
      return ticks;
    }
  }

  /** Each contender's time over the first one's, with quartiles, one line a workload. */
  static String ratios(Report report) {
    return new SvgPlot(report).drawRatios();
  }

  /** GFLOP/s over intensity, one point a class and contender, below the machine's roofs. */
  static String roofline(Report report) {
    return new SvgPlot(report).drawRoofline();
  }

  private String drawRatios() {
    String us = report.contenders().keySet().iterator().next();
    double low = 0.8;
    double high = 1.25;
    for (Row row : report.rows()) {
      for (Outcome o : row.outcomes()) {
        List<Double> r = row.ratios(o.contender(), us);
        if (!r.isEmpty()) {
          low = Math.min(low, 0.9 * Quantiles.at(25, r));
          high = Math.max(high, 1.1 * Quantiles.at(75, r));
        }
      }
    }
    int lines = report.byWorkload().size();
    int height = TOP + ROW * lines + 50;
    Axis x = new Axis(low, Math.min(high, 100), LEFT, WIDTH - 30);
    begin(height, "time as a multiple of " + us + "'s; right of 1 is slower than it");
    legend();
    double bottom = TOP + ROW * lines;
    for (double tick : x.ticks()) {
      line(x.at(tick), TOP - 6, x.at(tick), bottom, tick == 1 ? "#222" : "#ddd", 1);
      text(x.at(tick), bottom + 16, "middle", label(tick));
    }
    int index = 0;
    for (Map.Entry<String, List<Row>> line : report.byWorkload().entrySet()) {
      double y = TOP + ROW * (index++ + 0.5);
      text(LEFT - 12, y + 4, "end", line.getKey());
      line.getValue().forEach(row -> drawRatios(row, us, x, y));
    }
    return end();
  }

  private void drawRatios(Row row, String us, Axis x, double y) {
    for (Outcome o : row.outcomes()) {
      List<Double> r = row.ratios(o.contender(), us);
      if (!r.isEmpty()) {
        String colour = colour(o.contender());
        line(x.at(Quantiles.at(25, r)), y, x.at(Quantiles.at(75, r)), y, colour, 2);
        dot(x.at(Quantiles.median(r)), y, colour);
      }
    }
  }

  private String drawRoofline() {
    List<Report.Point> points = report.points();
    double peak = points.stream().mapToDouble(Report.Point::peak).max().orElse(1);
    double bandwidth = points.stream().mapToDouble(Report.Point::bandwidth).max().orElse(1);
    double most = points.stream().mapToDouble(Report.Point::gflops).max().orElse(1);
    double least = points.stream().mapToDouble(Report.Point::gflops).min().orElse(1);
    double right = points.stream().mapToDouble(Report.Point::intensity).max().orElse(1);
    int height = 520;
    Axis x = new Axis(0.5, Math.max(100, 2 * right), 90, WIDTH - 170);
    Axis y = new Axis(Math.min(least / 2, 1), 1.6 * Math.max(peak, most), height - 60, TOP);
    begin(height, "GFLOP/s (direct form) over FLOP per byte of least traffic");
    legend();
    for (double tick : x.ticks()) {
      line(x.at(tick), TOP, x.at(tick), height - 60, "#eee", 1);
      text(x.at(tick), height - 42, "middle", label(tick));
    }
    for (double tick : y.ticks()) {
      line(90, y.at(tick), WIDTH - 170, y.at(tick), "#eee", 1);
      text(82, y.at(tick) + 4, "end", label(tick));
    }
    double ridge = peak / bandwidth;
    line(x.at(0.5), y.at(0.5 * bandwidth), x.at(ridge), y.at(peak), "#222", 2);
    line(x.at(ridge), y.at(peak), WIDTH - 170, y.at(peak), "#222", 2);
    text(WIDTH - 164, y.at(peak) + 4, "start", "peak %.0f".formatted(peak));
    text(x.at(0.6), y.at(0.6 * bandwidth) - 10, "start", "%.1f GB/s".formatted(bandwidth));
    String us = report.contenders().keySet().iterator().next();
    for (Report.Point p : points) {
      dot(x.at(p.intensity()), y.at(p.gflops()), colour(p.contender()));
      if (p.contender().equals(us)) {
        text(x.at(p.intensity()) + 8, y.at(p.gflops()) - 6, "start", p.family().label());
      }
    }
    return end();
  }

  private String colour(String contender) {
    return colours.getOrDefault(contender, "#555");
  }

  private void begin(int height, String caption) {
    append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"13\">\n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
            WIDTH,
            height));
    append(
        String.format(
            Locale.ROOT,
            "<text x=\"16\" y=\"24\" font-size=\"16\">%s</text>\n",
            escaped(report.title())));
    text(16, 44, "start", caption + "; " + report.date() + ", " + report.machine().processor());
  }

  private void legend() {
    double x = 22;
    for (String contender : report.contenders().keySet()) {
      dot(x, 60, colour(contender));
      text(x + 10, 64, "start", contender);
      x += 34 + 8 * contender.length();
    }
  }

  private String end() {
    return out.append("</svg>\n").toString();
  }

  private void dot(double x, double y, String colour) {
    append(
        String.format(
            Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"%s\"/>\n", x, y, colour));
  }

  private void line(double x1, double y1, double x2, double y2, String colour, int width) {
    append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
                + " stroke-width=\"%d\"/>\n",
            x1,
            y1,
            x2,
            y2,
            colour,
            width));
  }

  private void text(double x, double y, String anchor, String text) {
    append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
            x,
            y,
            anchor,
            escaped(text)));
  }

  private void append(String text) {
    out.append(text);
  }

  private static String label(double tick) {
    return tick >= 1
        ? String.format(Locale.ROOT, "%.0f", tick)
        : String.format(Locale.ROOT, "%.3g", tick).replaceAll("0+$", "");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
