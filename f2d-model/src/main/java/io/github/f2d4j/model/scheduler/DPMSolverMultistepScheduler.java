package io.github.f2d4j.model.scheduler;

import io.github.f2d4j.engine.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * DPM-Solver and DPM-Solver++, multistep. Settings of its own: {@code solver_order} (2), {@code
 * algorithm_type} (dpmsolver++, dpmsolver and their sde- forms), {@code solver_type} (midpoint,
 * heun), {@code lower_order_final} (true), {@code use_karras_sigmas}, {@code lambda_min_clipped}.
 *
 * <p>The last step goes to timestep 0, not to σ = 0. Where rounding makes timesteps coincide, as
 * Karras spacing does at the end, they are visited once: a run may be shorter than was asked for.
 *
 * <p>Source: diffusers 0.17.0 {@code schedulers/scheduling_dpmsolver_multistep.py}; <a
 * href="https://arxiv.org/abs/2206.00927">DPM-Solver</a>, <a
 * href="https://arxiv.org/abs/2211.01095">DPM-Solver++</a>.
 */
public final class DPMSolverMultistepScheduler implements Scheduler {
  /** Below this many steps the last ones are taken at lower order. */
  private static final int FEW_STEPS = 15;

  private final SchedulerConfig config;
  private final NoiseSchedule schedule;
  private final PredictionType prediction;
  private final DpmCoefficients.Algorithm algorithm;
  private final boolean heun;
  private final int order;
  private final boolean lowerOrderFinal;
  private final boolean karras;
  private final double lambdaMinClipped;

  /**
   * A scheduler with these settings.
   *
   * @throws IllegalArgumentException naming the setting, if one is not usable
   */
  public DPMSolverMultistepScheduler(SchedulerConfig config) {
    config.refuseThresholding();
    this.config = config;
    this.schedule = config.noiseSchedule();
    this.prediction = config.predictionType(PredictionType.values());
    this.algorithm = DpmCoefficients.Algorithm.of(config);
    this.heun =
        config
            .text("solver_type", "midpoint", "midpoint", "heun", "logrho", "bh1", "bh2")
            .equals("heun");
    this.order = config.integer("solver_order", 2);
    if (order < 1 || order > (algorithm.stochastic() ? 2 : 3)) {
      throw config.wrong("solver_order", Integer.toString(order), "1, 2 or, without sde-, 3");
    }
    this.lowerOrderFinal = config.flag("lower_order_final", true);
    this.karras = config.flag("use_karras_sigmas", false);
    this.lambdaMinClipped = config.number("lambda_min_clipped", Double.NEGATIVE_INFINITY);
    config.text("variance_type", "fixed_small", "fixed_small", "fixed_large", "fixed_small_log");
  }

  @Override
  public SchedulerConfig config() {
    return config;
  }

  @Override
  public NoiseSchedule noiseSchedule() {
    return schedule;
  }

  @Override
  public SchedulerRun start(int steps) {
    InferenceSteps.require(steps, schedule.trainTimesteps());
    double[] descending = karras ? karrasTimesteps(steps) : equalTimesteps(steps);
    List<Double> distinct = new ArrayList<>();
    for (double t : descending) {
      if (!distinct.contains(t)) {
        distinct.add(t);
      }
    }
    return new Run(distinct.stream().mapToDouble(Double::doubleValue).toArray(), this);
  }

  /** Equal spacing from the last timestep that is not clipped; 0 is where the last step ends. */
  private double[] equalTimesteps(int steps) {
    int clipped = 0;
    int train = schedule.trainTimesteps();
    while (clipped < train - 1
        && DpmCoefficients.lambda(schedule, train - 1 - clipped) < lambdaMinClipped) {
      clipped++;
    }
    double[] ascending = NoiseSchedule.linspace(0, train - 1.0 - clipped, steps + 1);
    double[] t = new double[steps];
    for (int i = 0; i < steps; i++) {
      t[i] = Math.rint(ascending[steps - i]);
    }
    return t;
  }

  private double[] karrasTimesteps(int steps) {
    float[] sigmas = schedule.trainSigmas();
    double[] ascending = NoiseSchedule.karras(sigmas[0], sigmas[sigmas.length - 1], steps);
    double[] t = new double[steps];
    for (int i = 0; i < steps; i++) {
      t[i] = Math.rint(schedule.timestepOf(ascending[steps - 1 - i]));
    }
    return t;
  }

  private static final class Run extends SchedulerRun {
    private final DPMSolverMultistepScheduler s;

    /** x₀ or ε of the last steps, as the algorithm needs, the newest first. */
    private final Deque<Tensor> modelOutputs = new ArrayDeque<>();

    Run(double[] timesteps, DPMSolverMultistepScheduler scheduler) {
      super(timesteps, 1f);
      this.s = scheduler;
    }

    @Override
    PredictionType.Mix original(int i) {
      int t = (int) timestep(i);
      return s.prediction.original(
          DpmCoefficients.alpha(s.schedule, t), DpmCoefficients.sigma(s.schedule, t));
    }

    @Override
    public boolean needsNoise(int i) {
      return s.algorithm.stochastic();
    }

    private int orderOf(int i) {
      int left = length() - i;
      int order = Math.min(s.order, i + 1);
      return s.lowerOrderFinal && length() < FEW_STEPS ? Math.min(order, left) : order;
    }

    @Override
    Tensor advance(Tensor modelOutput, int i, Tensor sample, @Nullable Tensor noise) {
      int t = (int) timestep(i);
      int to = i + 1 < length() ? (int) timestep(i + 1) : 0;
      modelOutputs.addFirst(convert(modelOutput, t, sample));
      if (modelOutputs.size() > s.order) {
        modelOutputs.removeLast();
      }
      int order = orderOf(i);
      int[] from = new int[order];
      for (int k = 0; k < order; k++) {
        from[k] = (int) timestep(i - k);
      }
      DpmCoefficients c = DpmCoefficients.of(s.schedule, s.algorithm, s.heun, to, from);
      Combination next = new Combination().add(c.sample(), sample);
      Iterator<Tensor> outputs = modelOutputs.iterator();
      for (double weight : c.outputs()) {
        next.add(weight, outputs.next());
      }
      return next.add(c.noise(), noise).orZeros(sample);
    }

    /** The prediction as x₀ (++) or ε. */
    private Tensor convert(Tensor modelOutput, int t, Tensor sample) {
      double alpha = DpmCoefficients.alpha(s.schedule, t);
      double sigma = DpmCoefficients.sigma(s.schedule, t);
      PredictionType.Mix mix =
          s.algorithm.predictsData()
              ? s.prediction.original(alpha, sigma)
              : s.prediction.epsilon(alpha, sigma);
      return new Combination().add(1, mix, sample, modelOutput).orZeros(sample);
    }
  }
}
