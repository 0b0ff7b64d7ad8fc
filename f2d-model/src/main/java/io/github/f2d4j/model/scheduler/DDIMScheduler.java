package io.github.f2d4j.model.scheduler;

import io.github.f2d4j.engine.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Denoising diffusion implicit models: with η = 0 deterministic, with η = 1 as noisy as DDPM.
 * Settings of its own: {@code clip_sample}, {@code clip_sample_range}, {@code set_alpha_to_one},
 * {@code steps_offset}, {@code timestep_spacing} (leading or trailing).
 *
 * <p>Source: diffusers 0.17.0 {@code schedulers/scheduling_ddim.py}; formulas (12) and (16) of <a
 * href="https://arxiv.org/abs/2010.02502">DDIM</a>.
 */
public final class DDIMScheduler implements Scheduler {
  private final SchedulerConfig config;
  private final NoiseSchedule schedule;
  private final PredictionType prediction;
  private final double eta;
  private final double clip;
  private final double finalAlphaCumprod;
  private final int offset;
  private final boolean trailing;

  /**
   * A scheduler with these settings.
   *
   * @param eta η, the share of fresh noise, at least 0
   * @throws IllegalArgumentException naming the setting, if one is not usable
   */
  public DDIMScheduler(SchedulerConfig config, double eta) {
    if (!(eta >= 0 && eta <= 1)) {
      throw new IllegalArgumentException(
          "eta is " + eta + "; expected from 0 (no noise) to 1 (as much as DDPM)");
    }
    config.refuseThresholding();
    if (config.flag("rescale_betas_zero_snr", false)) {
      throw config.wrong("rescale_betas_zero_snr", "true", "false");
    }
    this.config = config;
    this.eta = eta;
    this.schedule = config.noiseSchedule();
    this.prediction = config.predictionType(PredictionType.values());
    this.clip =
        config.flag("clip_sample", true)
            ? config.number("clip_sample_range", 1)
            : Double.POSITIVE_INFINITY;
    this.finalAlphaCumprod = config.flag("set_alpha_to_one", true) ? 1 : schedule.alphaCumprod(0);
    this.offset = config.integer("steps_offset", 0);
    this.trailing =
        config.text("timestep_spacing", "leading", "leading", "trailing").equals("trailing");
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
    double[] timesteps =
        trailing ? trailing(train, steps) : InferenceSteps.leading(train, steps, offset);
    return new Run(timesteps, train / steps, this);
  }

  /** From the last timestep down in steps of {@code train / steps}, rounded. */
  private static double[] trailing(int train, int steps) {
    InferenceSteps.require(steps, train);
    double ratio = (double) train / steps;
    int n = (int) Math.ceil(train / ratio);
    double[] t = new double[n];
    for (int i = 0; i < n; i++) {
      t[i] = Math.rint(train - i * ratio) - 1;
    }
    return t;
  }

  private static final class Run extends SchedulerRun {
    private final DDIMScheduler s;
    private final int ratio;

    Run(double[] timesteps, int ratio, DDIMScheduler scheduler) {
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
      return s.eta > 0;
    }

    @Override
    Tensor advance(Tensor modelOutput, int i, Tensor sample, @Nullable Tensor noise) {
      // 1. get previous step value (=t-1)
      int t = (int) timestep(i);
      int prev = t - ratio;
      // 2. compute alphas, betas
      double alphaProd = s.schedule.alphaCumprod(t);
      double alphaProdPrev = prev >= 0 ? s.schedule.alphaCumprod(prev) : s.finalAlphaCumprod;
      double alpha = Math.sqrt(alphaProd);
      double sigma = Math.sqrt(1 - alphaProd);
      // 5. compute variance: "sigma_t(η)" -> see formula (16)
      double variance = (1 - alphaProdPrev) / (1 - alphaProd) * (1 - alphaProd / alphaProdPrev);
      double stdDev = s.eta * Math.sqrt(Math.max(0, variance));
      // 6. "direction pointing to x_t" of formula (12)
      double direction = Math.sqrt(Math.max(0, 1 - alphaProdPrev - stdDev * stdDev));
      Combination next = new Combination();
      // 3. compute predicted original sample "x_0" of formula (12); 4. clip it
      PredictionType.Mix original = original(i);
      if (Double.isInfinite(s.clip)) {
        next.add(Math.sqrt(alphaProdPrev), original, sample, modelOutput);
      } else {
        Tensor x0 =
            new Combination()
                .add(1, original, sample, modelOutput)
                .orZeros(sample)
                .clamp((float) -s.clip, (float) s.clip);
        next.add(Math.sqrt(alphaProdPrev), x0);
      }
      // 7. compute x_t of formula (12)
      return next.add(direction, s.prediction.epsilon(alpha, sigma), sample, modelOutput)
          .add(stdDev, noise)
          .orZeros(sample);
    }
  }
}
