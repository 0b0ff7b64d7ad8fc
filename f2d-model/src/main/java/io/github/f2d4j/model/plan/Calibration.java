package io.github.f2d4j.model.plan;

import io.github.f2d4j.engine.graph.Analysis;
import io.github.f2d4j.engine.graph.Analysis.StepCost;
import java.util.List;
import java.util.Map;

/**
 * How fast a machine is: measured rates of operators of each kind at several sizes. The rate of
 * another size is the mean of those measured, weighted by how near they are.
 */
public final class Calibration {
  private final MachineProfile machine;
  private final List<Sample> samples;
  private final double packingRate;
  private final double loadingRate;
  private final double warmUpSeconds;

  /** A workload and the time it took. */
  record Sample(Workload workload, double seconds) {
    double logRate() {
      return Math.log(workload.work() / seconds);
    }
  }

  /**
   * Measured values.
   *
   * @param packingRate bytes of packed weights made in a second
   * @param loadingRate bytes of weights at rest that are read and checked in a second
   * @param warmUpSeconds what a new JVM needs until its code is compiled
   */
  Calibration(
      MachineProfile machine,
      List<Sample> samples,
      double packingRate,
      double loadingRate,
      double warmUpSeconds) {
    this.machine = machine;
    this.samples = List.copyOf(samples);
    this.packingRate = packingRate;
    this.loadingRate = loadingRate;
    this.warmUpSeconds = warmUpSeconds;
  }

  /** The machine, and the software on it, that this was measured with. */
  public MachineProfile machine() {
    return machine;
  }

  List<Sample> samples() {
    return samples;
  }

  double packingRate() {
    return packingRate;
  }

  double loadingRate() {
    return loadingRate;
  }

  /** What a new JVM needs, beside the work itself, until its code is compiled. */
  public double warmUpSeconds() {
    return warmUpSeconds;
  }

  /** The same with another warm-up. */
  Calibration withWarmUp(double seconds) {
    return new Calibration(machine, samples, packingRate, loadingRate, seconds);
  }

  /** The time of one run of a computation whose weights are packed and whose code is compiled. */
  public double seconds(Analysis analysis) {
    double sum = 0;
    for (Map.Entry<StepCost, Integer> e : analysis.distinctSteps().entrySet()) {
      sum += e.getValue() * seconds(e.getKey());
    }
    return sum;
  }

  /** The time of one operator. */
  public double seconds(StepCost step) {
    Workload w = Workload.of(step);
    double weights = 0;
    double rate = 0;
    for (Sample s : samples) {
      if (s.workload.kind() == w.kind()) {
        // A quarter of an octave away is as good as the same size.
        double near = 1 / (w.distance(s.workload) + 1.0 / 16);
        weights += near * near;
        rate += near * near * s.logRate();
      }
    }
    if (weights == 0) {
      throw new IllegalStateException("the calibration has no sample of kind " + w.kind());
    }
    return w.work() / Math.exp(rate / weights);
  }
}
