package io.github.f2d4j.benchmarks.compare;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/** Medians and quartiles, for times on a shared machine are no normal distribution. */
final class Quantiles {
  private Quantiles() {}

  /** The value below which {@code percent} of the values lie; NaN of none. */
  static double at(double percent, List<Double> values) {
    return values.isEmpty()
        ? Double.NaN
        : new Percentile(percent)
            .evaluate(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  static double median(List<Double> values) {
    return at(50, values);
  }

  /** a[i]/b[i]: what two took in the same round, so that the machine's swings cancel. */
  static List<Double> paired(List<Double> a, List<Double> b) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      ratios.add(a.get(i) / b.get(i));
    }
    return ratios;
  }
}
