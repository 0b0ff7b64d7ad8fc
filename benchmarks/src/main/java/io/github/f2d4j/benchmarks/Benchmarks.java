package io.github.f2d4j.benchmarks;

import io.github.f2d4j.benchmarks.peak.PeakBenchmark;
import io.github.f2d4j.engine.backend.Backends;
import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs the benchmarks that JMH's command line options select, and always the arithmetic peak, with
 * which it compares them.
 */
public final class Benchmarks {
  private static final String GFLOP = "gflop";

  private Benchmarks() {}

  /**
   * Runs.
   *
   * @param args JMH's options; none runs everything
   */
  public static void main(String[] args) throws RunnerException, CommandLineOptionException {
    CommandLineOptions given = new CommandLineOptions(args);
    OptionsBuilder options = new OptionsBuilder();
    options.parent(given).jvmArgsPrepend("--add-modules", "jdk.incubator.vector");
    if (!given.getIncludes().isEmpty()) {
      options.include(PeakBenchmark.class.getName());
    }
    Collection<RunResult> results = new Runner(options.build()).run();
    print(results, System.out);
  }

  private static void print(Collection<RunResult> results, PrintStream out) {
    double peak =
        results.stream()
            .filter(r -> r.getParams().getBenchmark().startsWith(PeakBenchmark.class.getName()))
            .mapToDouble(Benchmarks::rate)
            .max()
            .orElse(Double.NaN);
    out.printf("%n%s%n", Backends.current().describe());
    out.printf("%-28s %-20s %10s %8s%n", "benchmark", "shape", "GFLOP/s", "of peak");
    for (RunResult result : results) {
      String name = result.getParams().getBenchmark();
      List<String> shape =
          Stream.of("shape", "net")
              .map(result.getParams()::getParam)
              .filter(p -> p != null)
              .toList();
      out.printf(
          "%-28s %-20s %10.1f %7.1f%%%n",
          name.substring(Benchmarks.class.getPackageName().length() + 1),
          String.join("", shape),
          rate(result),
          100 * rate(result) / peak);
    }
  }

  /** Billions of operations a second. */
  private static double rate(RunResult run) {
    Result<?> work = run.getSecondaryResults().get(GFLOP);
    if (work == null) {
      throw new IllegalStateException(
          run.getParams().getBenchmark() + " does not count its arithmetic: give it a Work");
    }
    return work.getScore();
  }
}
