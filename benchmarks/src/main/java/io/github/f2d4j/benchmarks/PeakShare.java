package io.github.f2d4j.benchmarks;

import io.github.f2d4j.benchmarks.peak.PeakLoop;
import io.github.f2d4j.benchmarks.peak.Work;
import io.github.f2d4j.engine.backend.Backends;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/**
 * The share of the arithmetic peak that products and convolutions reach, on a machine whose speed
 * swings: bursts of each case alternate with bursts of the peak's loop on as many threads, and each
 * burst of a case is compared with the two of the peak around it.
 */
public final class PeakShare {
  /** Nanoseconds of one burst: shorter than a machine's swings, far longer than a clock's tick. */
  private static final long BURST = 60_000_000;

  private static final long WARM_UP = 2_000_000_000;

  private final int rounds;
  private final PrintStream out;

  private final PeakLoop peak = new PeakLoop();

  private PeakShare(int rounds, PrintStream out) {
    this.rounds = rounds;
    this.out = out;
  }

  /** One call of a benchmark, which counts its arithmetic. */
  private record Subject(String name, ToDoubleFunction<Work> call) {}

  /**
   * Measures and prints a Markdown table: median and quartiles over the rounds.
   *
   * @param args a pattern for the names of the cases, default all; then the number of rounds
   */
  public static void main(String[] args) {
    Pattern wanted = Pattern.compile(args.length > 0 ? args[0] : "");
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 15;
    new PeakShare(rounds, System.out).run(wanted);
  }

  private void run(Pattern wanted) {
    out.printf("%s, %d rounds%n%n", Backends.current().describe(), rounds);
    out.println("| case | share of the peak | quartiles | GFLOP/s | peak |");
    out.println("|---|---|---|---|---|");
    burst(this::peak, WARM_UP);
    for (String shape : Shapes.of(MatMulBenchmark.class)) {
      for (MatMulBenchmark.Result result : MatMulBenchmark.Result.values()) {
        String name = "linear " + shape + " " + result;
        if (wanted.matcher(name).find()) {
          MatMulBenchmark b = new MatMulBenchmark();
          b.shape = shape;
          b.result = result;
          b.prepare();
          measure(new Subject(name, work -> b.linear(work).size()));
        }
      }
    }
    for (String shape : Shapes.of(ConvolveBenchmark.class)) {
      String name = "3×3 " + shape;
      if (wanted.matcher(name).find()) {
        ConvolveBenchmark b = new ConvolveBenchmark();
        b.shape = shape;
        b.prepare();
        measure(new Subject(name, work -> b.convolve(work).size()));
      }
    }
  }

  private void measure(Subject subject) {
    burst(subject.call(), WARM_UP);
    List<Double> shares = new ArrayList<>();
    List<Double> rates = new ArrayList<>();
    List<Double> peaks = new ArrayList<>();
    double before = burst(this::peak, BURST);
    for (int i = 0; i < rounds; i++) {
      double rate = burst(subject.call(), BURST);
      double after = burst(this::peak, BURST);
      double peak = (before + after) / 2;
      shares.add(rate / peak);
      rates.add(rate);
      peaks.add(peak);
      before = after;
    }
    out.printf(
        "| %s | %.0f %% | %.0f–%.0f %% | %.1f | %.1f |%n",
        subject.name(),
        100 * percentile(shares, 50),
        100 * percentile(shares, 25),
        100 * percentile(shares, 75),
        percentile(rates, 50),
        percentile(peaks, 50));
  }

  private static double percentile(List<Double> values, double p) {
    return new Percentile(p).evaluate(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** Billions of operations a second over at least one call and {@code nanos}. */
  private static double burst(ToDoubleFunction<Work> call, long nanos) {
    Work work = new Work();
    double kept = 0;
    long start = System.nanoTime();
    long spent;
    do {
      kept += call.applyAsDouble(work);
      spent = System.nanoTime() - start;
    } while (spent < nanos);
    if (Double.isNaN(kept)) {
      throw new IllegalStateException("a measured call returned NaN");
    }
    return work.gflop / spent * 1e9;
  }

  /** The peak's loop on all threads of the pool. */
  private double peak(Work work) {
    work.gflop += peak.once();
    return 0;
  }
}
