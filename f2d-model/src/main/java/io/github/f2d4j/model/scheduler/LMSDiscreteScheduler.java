package io.github.f2d4j.model.scheduler;

import io.github.f2d4j.engine.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.commons.math3.analysis.polynomials.PolynomialFunction;
import org.jspecify.annotations.Nullable;

/**
 * Linear multistep method of order 4 for dx/dσ: the polynomial through the last derivatives is
 * integrated over the step. Setting of its own: {@code use_karras_sigmas}.
 *
 * <p>Source: diffusers 0.17.0 {@code schedulers/scheduling_lms_discrete.py}; it integrates
 * numerically, here the polynomial is integrated exactly.
 */
public final class LMSDiscreteScheduler implements Scheduler {
  private static final int ORDER = 4;

  private final SchedulerConfig config;
  private final NoiseSchedule schedule;
  private final PredictionType prediction;
  private final boolean karras;

  /**
   * A scheduler with these settings.
   *
   * @throws IllegalArgumentException naming the setting, if one is not usable
   */
  public LMSDiscreteScheduler(SchedulerConfig config) {
    this.config = config;
    this.schedule = config.noiseSchedule();
    this.prediction = config.predictionType(PredictionType.values());
    this.karras = config.flag("use_karras_sigmas", false);
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
    return new Run(SigmaRun.course(schedule, steps, karras, false), this);
  }

  private static final class Run extends SigmaRun {
    /** dx/dσ of the last steps, the newest first. */
    private final Deque<Tensor> derivatives = new ArrayDeque<>();

    Run(Course course, LMSDiscreteScheduler scheduler) {
      super(course, scheduler.schedule, scheduler.prediction);
    }

    @Override
    public boolean needsNoise(int i) {
      return false;
    }

    @Override
    Tensor advance(Tensor modelOutput, int i, Tensor sample, @Nullable Tensor noise) {
      Tensor derivative =
          new Combination().add(1, derivative(i), sample, modelOutput).orZeros(sample);
      derivatives.addFirst(derivative);
      if (derivatives.size() > ORDER) {
        derivatives.removeLast();
      }
      Combination next = new Combination().add(1, sample);
      int current = 0;
      for (Tensor d : derivatives) {
        next.add(coefficient(derivatives.size(), i, current++), d);
      }
      return next.orZeros(sample);
    }

    /** ∫ from σ_t to σ_{t+1} of the Lagrange basis polynomial of point {@code current}. */
    private double coefficient(int order, int t, int current) {
      PolynomialFunction basis = new PolynomialFunction(new double[] {1});
      // Around σ_t, where the numbers are small.
      double origin = sigma(t);
      for (int k = 0; k < order; k++) {
        if (k != current) {
          double width = sigma(t - current) - sigma(t - k);
          basis =
              basis.multiply(
                  new PolynomialFunction(
                      new double[] {(origin - sigma(t - k)) / width, 1 / width}));
        }
      }
      double end = sigma(t + 1) - origin;
      double[] c = basis.getCoefficients();
      double integral = 0;
      for (int k = c.length - 1; k >= 0; k--) {
        integral = (integral + c[k] / (k + 1)) * end;
      }
      return integral;
    }
  }
}
