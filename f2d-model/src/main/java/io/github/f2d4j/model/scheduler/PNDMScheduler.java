package io.github.f2d4j.model.scheduler;

import io.github.f2d4j.engine.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pseudo numerical methods for diffusion models. With {@code skip_prk_steps}, as in Stable
 * Diffusion, linear multistep (PLMS) throughout, whose second timestep is visited twice: a run has
 * one step more than was asked for. Otherwise the first three timesteps are taken by Runge-Kutta in
 * four predictions each. Settings of its own: {@code skip_prk_steps}, {@code set_alpha_to_one},
 * {@code steps_offset}.
 *
 * <p>Source: diffusers 0.17.0 {@code schedulers/scheduling_pndm.py}; formulas (9), (12), (13) of <a
 * href="https://arxiv.org/abs/2202.09778">PNDM</a>.
 */
public final class PNDMScheduler implements Scheduler {
  private static final int PNDM_ORDER = 4;

  private final SchedulerConfig config;
  private final NoiseSchedule schedule;
  private final PredictionType prediction;
  private final boolean skipPrkSteps;
  private final double finalAlphaCumprod;
  private final int offset;

  /**
   * A scheduler with these settings.
   *
   * @throws IllegalArgumentException naming the setting, if one is not usable
   */
  public PNDMScheduler(SchedulerConfig config) {
    this.config = config;
    this.schedule = config.noiseSchedule();
    this.prediction = config.predictionType(PredictionType.EPSILON, PredictionType.V_PREDICTION);
    this.skipPrkSteps = config.flag("skip_prk_steps", false);
    this.finalAlphaCumprod = config.flag("set_alpha_to_one", false) ? 1 : schedule.alphaCumprod(0);
    this.offset = config.integer("steps_offset", 0);
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
    double[] descending = InferenceSteps.leading(train, steps, offset);
    List<Double> timesteps = new ArrayList<>();
    int prkSteps = 0;
    if (skipPrkSteps) {
      for (int i = 0; i < steps; i++) {
        timesteps.add(descending[i]);
        if (i == 1) {
          timesteps.add(descending[i]);
        }
      }
    } else {
      if (steps < PNDM_ORDER) {
        throw new IllegalArgumentException(
            steps
                + " inference steps were asked for; PNDM with Runge-Kutta steps takes at least "
                + PNDM_ORDER
                + ": set skip_prk_steps to true, or take more steps");
      }
      timesteps.addAll(prkTimesteps(descending, train / steps / 2));
      prkSteps = timesteps.size();
      for (int i = PNDM_ORDER - 1; i < steps; i++) {
        timesteps.add(descending[i]);
      }
    }
    double[] all = timesteps.stream().mapToDouble(Double::doubleValue).toArray();
    InferenceSteps.requireTrained(all, train, steps, offset);
    return new Run(all, prkSteps, train / steps, this);
  }

  /** Each of three timesteps as start, middle, middle and end of its step. */
  private static List<Double> prkTimesteps(double[] descending, int half) {
    List<Double> t = new ArrayList<>();
    for (int i = 0; i < PNDM_ORDER - 1; i++) {
      double middle = descending[i + 1] + half;
      t.addAll(List.of(descending[i], middle, middle, descending[i + 1]));
    }
    return t;
  }

  private static final class Run extends SchedulerRun {
    private final PNDMScheduler s;
    private final int prkSteps;
    private final int ratio;

    /** The latest predictions, the newest last. */
    private final List<Tensor> ets = new ArrayList<>();

    private final List<Tensor> prkOutputs = new ArrayList<>();
    private @Nullable Tensor curSample;

    Run(double[] timesteps, int prkSteps, int ratio, PNDMScheduler scheduler) {
      super(timesteps, 1f);
      this.s = scheduler;
      this.prkSteps = prkSteps;
      this.ratio = ratio;
    }

    @Override
    PredictionType.Mix original(int i) {
      double alphaProd = s.schedule.alphaCumprod((int) timestep(i));
      return s.prediction.original(Math.sqrt(alphaProd), Math.sqrt(1 - alphaProd));
    }

    @Override
    public boolean needsNoise(int i) {
      return false;
    }

    @Override
    Tensor advance(Tensor modelOutput, int i, Tensor sample, @Nullable Tensor noise) {
      return i < prkSteps ? stepPrk(modelOutput, i, sample) : stepPlms(modelOutput, i, sample);
    }

    private Tensor stepPrk(Tensor modelOutput, int i, Tensor sample) {
      int prev = (int) timestep(i) - (i % 2 == 0 ? ratio / 2 : 0);
      int t = (int) timestep(i / 4 * 4);
      int stage = i % 4;
      if (stage == 0) {
        ets.add(modelOutput);
        curSample = sample;
        prkOutputs.clear();
      }
      prkOutputs.add(modelOutput);
      Tensor from = curSample == null ? sample : curSample;
      if (stage < 3) {
        return previous(from, t, prev, modelOutput);
      }
      Tensor mean =
          new Combination()
              .add(1 / 6.0, prkOutputs.get(0))
              .add(1 / 3.0, prkOutputs.get(1))
              .add(1 / 3.0, prkOutputs.get(2))
              .add(1 / 6.0, prkOutputs.get(3))
              .orZeros(sample);
      return previous(from, t, prev, mean);
    }

    private Tensor stepPlms(Tensor modelOutput, int i, Tensor sample) {
      int t = (int) timestep(i);
      if (i == 1) {
        // The second visit redoes the first step with the mean of both predictions.
        Tensor mean =
            new Combination().add(0.5, modelOutput).add(0.5, ets.getLast()).orZeros(sample);
        Tensor from = curSample == null ? sample : curSample;
        curSample = null;
        return previous(from, t + ratio, t, mean);
      }
      ets.add(modelOutput);
      if (ets.size() > PNDM_ORDER) {
        ets.removeFirst();
      }
      if (i == 0) {
        curSample = sample;
      }
      double[] weights =
          switch (ets.size()) {
            case 1 -> new double[] {1};
            case 2 -> new double[] {3 / 2.0, -1 / 2.0};
            case 3 -> new double[] {23 / 12.0, -16 / 12.0, 5 / 12.0};
            default -> new double[] {55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0};
          };
      Combination mean = new Combination();
      for (int k = 0; k < weights.length; k++) {
        mean.add(weights[k], ets.get(ets.size() - 1 - k));
      }
      return previous(sample, t, t - ratio, mean.orZeros(sample));
    }

    /** x_(t−δ) by formula (9); α_t is ᾱ here as in the paper. */
    private Tensor previous(Tensor sample, int t, int prev, Tensor modelOutput) {
      double alpha = s.schedule.alphaCumprod(t);
      double alphaPrev = prev >= 0 ? s.schedule.alphaCumprod(prev) : s.finalAlphaCumprod;
      double beta = 1 - alpha;
      double denominator = alpha * Math.sqrt(1 - alphaPrev) + Math.sqrt(alpha * beta * alphaPrev);
      PredictionType.Mix epsilon = s.prediction.epsilon(Math.sqrt(alpha), Math.sqrt(beta));
      return new Combination()
          .add(Math.sqrt(alphaPrev / alpha), sample)
          .add(-(alphaPrev - alpha) / denominator, epsilon, sample, modelOutput)
          .orZeros(sample);
    }
  }
}
