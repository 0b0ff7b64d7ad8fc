package io.github.f2d4j.model.scheduler;

import io.github.f2d4j.engine.Tensor;

/** A run over samples x = x₀ + σ·ε with σ falling to 0: Euler, Euler ancestral and LMS. */
abstract class SigmaRun extends SchedulerRun {
  private final float[] sigmas;
  private final PredictionType prediction;

  /** Timesteps and σ of a run. */
  static final class Course {
    private final double[] timesteps;

    /** At least one element more than timesteps; the last is 0. */
    private final float[] sigmas;

    private Course(double[] timesteps, float[] sigmas) {
      this.timesteps = timesteps;
      this.sigmas = sigmas;
    }
  }

  SigmaRun(Course course, NoiseSchedule schedule, PredictionType prediction) {
    super(course.timesteps, schedule.maxSigma());
    this.sigmas = course.sigmas;
    this.prediction = prediction;
  }

  /**
   * Equally spaced timesteps from the last to 0, and σ interpolated between the training timesteps;
   * with Karras spacing σ first and timesteps from it.
   */
  static Course course(NoiseSchedule schedule, int steps, boolean karras, boolean logLinear) {
    int last = schedule.trainTimesteps() - 1;
    double[] ascending = NoiseSchedule.linspace(0, last, steps);
    double[] timesteps = new double[steps];
    double[] sigmas = logLinear ? logLinear(schedule, steps) : new double[steps];
    for (int i = 0; i < steps; i++) {
      timesteps[i] = ascending[steps - 1 - i];
      if (!logLinear) {
        sigmas[i] = schedule.sigmaAt(timesteps[i]);
      }
    }
    if (karras) {
      sigmas = NoiseSchedule.karras(sigmas[0], sigmas[sigmas.length - 1], steps);
      for (int i = 0; i < steps; i++) {
        timesteps[i] = schedule.timestepOf(sigmas[i]);
      }
    }
    float[] rounded = new float[sigmas.length + 1];
    for (int i = 0; i < sigmas.length; i++) {
      rounded[i] = (float) sigmas[i];
    }
    return new Course(timesteps, rounded);
  }

  /** σ with log σ in equal steps from the largest: one value more than there are steps. */
  private static double[] logLinear(NoiseSchedule schedule, int steps) {
    float low = (float) Math.log(schedule.sigmaAt(0));
    float high = (float) Math.log(schedule.sigmaAt(schedule.trainTimesteps() - 1));
    float[] logs = BetaSchedule.linspace(high, low, steps + 1);
    double[] sigmas = new double[steps + 1];
    for (int i = 0; i <= steps; i++) {
      sigmas[i] = (float) Math.exp(logs[i]);
    }
    return sigmas;
  }

  final double sigma(int i) {
    return sigmas[i];
  }

  /** dx/dσ from sample and prediction at step {@code i}. */
  final PredictionType.Mix derivative(int i) {
    return prediction.derivative(sigma(i));
  }

  @Override
  final PredictionType.Mix original(int i) {
    PredictionType.Mix d = derivative(i);
    return new PredictionType.Mix(1 - sigma(i) * d.sample(), -sigma(i) * d.output());
  }

  @Override
  public final float[] sigmas() {
    return sigmas.clone();
  }

  /** x/√(σ²+1): the variance the denoiser was trained with. */
  @Override
  public final Tensor scaleModelInput(Tensor sample, int i) {
    return Combination.scale(sample, 1 / Math.sqrt(sigma(i) * sigma(i) + 1));
  }
}
