package io.github.f2d4j.model.scheduler;

import io.github.f2d4j.engine.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Euler steps to a noise level below the next one, and fresh noise up to it. Upstream's sampler.
 *
 * <p>Source: diffusers 0.17.0 {@code schedulers/scheduling_euler_ancestral_discrete.py}, after
 * k-diffusion's {@code sample_euler_ancestral}.
 */
public final class EulerAncestralDiscreteScheduler implements Scheduler {
  private final SchedulerConfig config;
  private final NoiseSchedule schedule;
  private final PredictionType prediction;

  /**
   * A scheduler with these settings.
   *
   * @throws IllegalArgumentException naming the setting, if one is not usable
   */
  public EulerAncestralDiscreteScheduler(SchedulerConfig config) {
    this.config = config;
    this.schedule = config.noiseSchedule();
    this.prediction = config.predictionType(PredictionType.EPSILON, PredictionType.V_PREDICTION);
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
    return new Run(SigmaRun.course(schedule, steps, false, false), this);
  }

  private static final class Run extends SigmaRun {
    Run(Course course, EulerAncestralDiscreteScheduler scheduler) {
      super(course, scheduler.schedule, scheduler.prediction);
    }

    /** The last step adds none, but draws it upstream; noise streams must stay aligned. */
    @Override
    public boolean needsNoise(int i) {
      return true;
    }

    @Override
    Tensor advance(Tensor modelOutput, int i, Tensor sample, @Nullable Tensor noise) {
      double from = sigma(i);
      double to = sigma(i + 1);
      double up = Math.sqrt(Math.max(0, to * to * (from * from - to * to) / (from * from)));
      double down = Math.sqrt(Math.max(0, to * to - up * up));
      return new Combination()
          .add(1, sample)
          .add(down - from, derivative(i), sample, modelOutput)
          .add(up, noise)
          .orZeros(sample);
    }
  }
}
