package io.github.f2d4j.benchmarks.compare;

/** Figures as people read them in a table. */
final class Text {
  private static final int REASON = 90;

  private Text() {}

  /** With a unit that suits the size. */
  static String seconds(double s) {
    if (s >= 1) {
      return "%.2f s".formatted(s);
    }
    return s >= 1e-3 ? "%.2f ms".formatted(1e3 * s) : "%.1f µs".formatted(1e6 * s);
  }

  static String error(double error) {
    return Double.isNaN(error) ? "–" : error == 0 ? "0" : "%.1e".formatted(error);
  }

  /** A reason that fits into a cell. */
  static String reason(String text) {
    String cell = text.replace('|', '/');
    return cell.length() <= REASON ? cell : cell.substring(0, REASON) + "…";
  }
}
