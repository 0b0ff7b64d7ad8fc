package io.github.f2d4j.model.scheduler;

import io.github.f2d4j.engine.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The sampler of denoising diffusion probabilistic models. Settings of its own: {@code
 * clip_sample}, {@code clip_sample_range}, {@code variance_type} (fixed_small, fixed_small_log or
 * fixed_large).
 *
 * <p>Source: diffusers 0.17.0 {@code schedulers/scheduling_ddpm.py}; formulas (7) and (15) of <a
 * href="https://arxiv.org/abs/2006.11239">DDPM</a>.
 */
public final class DDPMScheduler implements Scheduler {
  private static final double MIN_VARIANCE = 1e-20;

  private final SchedulerConfig config;
  private final NoiseSchedule schedule;
  private final PredictionType prediction;
  private final double clip;
  private final boolean large;

  /**
   * A scheduler with these settings.
   *
   * @throws IllegalArgumentException naming the setting, if one is not usable
   */
  public DDPMScheduler(SchedulerConfig config) {
    config.refuseThresholding();
    this.config = config;
    this.schedule = config.noiseSchedule();
    this.prediction = config.predictionType(PredictionType.values());
    this.clip =
        config.flag("clip_sample", true)
            ? config.number("clip_sample_range", 1)
            : Double.POSITIVE_INFINITY;
    this.large =
        config
            .text("variance_type", "fixed_small", "fixed_small", "fixed_small_log", "fixed_large")
            .equals("fixed_large");
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
    int train = schedule.trainTimesteps();
    return new Run(InferenceSteps.leading(train, steps, 0), train / steps, this);
  }

  private static final class Run extends SchedulerRun {
    private final DDPMScheduler s;
    private final int ratio;

    Run(double[] timesteps, int ratio, DDPMScheduler scheduler) {
      super(timesteps, 1f);
      this.s = scheduler;
      this.ratio = ratio;
    }

    @Override
    PredictionType.Mix original(int i) {
      double alphaProd = s.schedule.alphaCumprod((int) timestep(i));
      return s.prediction.original(Math.sqrt(alphaProd), Math.sqrt(1 - alphaProd));
    }

    @Override
    public boolean needsNoise(int i) {
      return timestep(i) > 0;
    }

    @Override
    Tensor advance(Tensor modelOutput, int i, Tensor sample, @Nullable Tensor noise) {
      // 1. compute alphas, betas
      int t = (int) timestep(i);
      double alphaProd = s.schedule.alphaCumprod(t);
      double alphaProdPrev = t - ratio >= 0 ? s.schedule.alphaCumprod(t - ratio) : 1;
      double betaProd = 1 - alphaProd;
      double betaProdPrev = 1 - alphaProdPrev;
      double currentAlpha = alphaProd / alphaProdPrev;
      double currentBeta = 1 - currentAlpha;
      // 2. compute predicted original sample "x_0" of formula (15); 3. clip it
      PredictionType.Mix original = original(i);
      // 4. compute coefficients for x_0 and current sample x_t, formula (7)
      double originalCoeff = Math.sqrt(alphaProdPrev) * currentBeta / betaProd;
      double sampleCoeff = Math.sqrt(currentAlpha) * betaProdPrev / betaProd;
      // 5. compute predicted previous sample µ_t, formula (7)
      Combination next = new Combination().add(sampleCoeff, sample);
      if (Double.isInfinite(s.clip)) {
        next.add(originalCoeff, original, sample, modelOutput);
      } else {
        Tensor x0 =
            new Combination()
                .add(1, original, sample, modelOutput)
                .orZeros(sample)
                .clamp((float) -s.clip, (float) s.clip);
        next.add(originalCoeff, x0);
      }
      // 6. add noise
      if (t > 0) {
        double small = Math.max(MIN_VARIANCE, betaProdPrev / betaProd * currentBeta);
        next.add(Math.sqrt(s.large ? currentBeta : small), noise);
      }
      return next.orZeros(sample);
    }
  }
}
