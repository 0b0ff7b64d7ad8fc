package io.github.f2d4j.model.scheduler;

import io.github.f2d4j.engine.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Euler's method for dx/dσ; adds no noise. Settings of its own: {@code use_karras_sigmas}, {@code
 * interpolation_type} (linear or log_linear).
 *
 * <p>Source: diffusers 0.17.0 {@code schedulers/scheduling_euler_discrete.py}; algorithm 2 of <a
 * href="https://arxiv.org/abs/2206.00364">Karras et al.</a> without churn.
 */
public final class EulerDiscreteScheduler implements Scheduler {
  private final SchedulerConfig config;
  private final NoiseSchedule schedule;
  private final PredictionType prediction;
  private final boolean karras;
  private final boolean logLinear;

  /**
   * A scheduler with these settings.
   *
   * @throws IllegalArgumentException naming the setting, if one is not usable
   */
  public EulerDiscreteScheduler(SchedulerConfig config) {
    this.config = config;
    this.schedule = config.noiseSchedule();
    this.prediction = config.predictionType(PredictionType.values());
    this.karras = config.flag("use_karras_sigmas", false);
    this.logLinear =
        config.text("interpolation_type", "linear", "linear", "log_linear").equals("log_linear");
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
    return new Run(SigmaRun.course(schedule, steps, karras, logLinear), this);
  }

  private static final class Run extends SigmaRun {
    Run(Course course, EulerDiscreteScheduler scheduler) {
      super(course, scheduler.schedule, scheduler.prediction);
    }

    @Override
    public boolean needsNoise(int i) {
      return false;
    }

    @Override
    Tensor advance(Tensor modelOutput, int i, Tensor sample, @Nullable Tensor noise) {
      return new Combination()
          .add(1, sample)
          .add(sigma(i + 1) - sigma(i), derivative(i), sample, modelOutput)
          .orZeros(sample);
    }
  }
}
