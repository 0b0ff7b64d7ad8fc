package io.github.f2d4j.model.scheduler;

import io.github.f2d4j.engine.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One pass from noise to a clean sample. Steps are taken in order, each once. Belongs to one
 * thread.
 */
public abstract class SchedulerRun {
  private final double[] timesteps;
  private final float initNoiseSigma;
  private int next;

  /**
   * A run.
   *
   * @throws IllegalArgumentException if a timestep or the sigma is not finite, which comes of a
   *     schedule whose noise begins at 0 or ends in nothing but noise
   */
  SchedulerRun(double[] timesteps, float initNoiseSigma) {
    if (!Arrays.stream(timesteps).allMatch(Double::isFinite) || !Float.isFinite(initNoiseSigma)) {
      throw new IllegalArgumentException(
          "the noise schedule gives this scheduler the timesteps "
              + shown(timesteps)
              + " and the initial sigma "
              + initNoiseSigma
              + ", expected finite numbers: choose beta_start and beta_end (or trained_betas) above"
              + " 0 and so small that some of the picture is left at the last timestep");
    }
    this.timesteps = timesteps;
    this.initNoiseSigma = initNoiseSigma;
  }

  private static String shown(double[] timesteps) {
    return Arrays.toString(Arrays.copyOf(timesteps, Math.min(timesteps.length, 5)));
  }

  /** The number of steps, and of predictions. */
  public final int length() {
    return timesteps.length;
  }

  /** What the denoiser is told at each step; may be fractional. */
  public final double[] timesteps() {
    return timesteps.clone();
  }

  /** What the denoiser is told at step {@code i}. */
  public final double timestep(int i) {
    return timesteps[i];
  }

  /** What the initial noise, of variance 1, is multiplied by. */
  public final float initNoiseSigma() {
    return initNoiseSigma;
  }

  /**
   * The σ before each step and, last, that after the last one; empty for methods that do not work
   * with σ.
   */
  public float[] sigmas() {
    return new float[0];
  }

  /** Whether step {@code i} adds fresh noise. */
  public abstract boolean needsNoise(int i);

  /** The sample as the denoiser expects it at step {@code i}. */
  public Tensor scaleModelInput(Tensor sample, int i) {
    return sample;
  }

  /**
   * Takes step {@code i}. The result is lazy, like every tensor; evaluate it each time.
   *
   * @param modelOutput the denoiser's prediction, of the sample's shape
   * @param sample the sample before the step, of any shape
   * @param noise drawn from a normal distribution, of the sample's shape; null where {@link
   *     #needsNoise} is false
   * @return the sample after the step
   * @throws IllegalStateException if another step is due
   * @throws IllegalArgumentException if shapes differ or noise is missing
   */
  public final Tensor step(Tensor modelOutput, int i, Tensor sample, @Nullable Tensor noise) {
    if (i != next || i >= timesteps.length) {
      throw new IllegalStateException(
          "step "
              + i
              + " was asked for, but "
              + (next < timesteps.length ? "step " + next + " is due" : "the run is over")
              + ": steps run in order, each once; start a new run for another sample");
    }
    requireShape("model output", modelOutput, sample);
    if (needsNoise(i)) {
      if (noise == null) {
        throw new IllegalArgumentException(
            "step " + i + " adds noise, but none is given: draw noise of shape " + sample.shape());
      }
      requireShape("noise", noise, sample);
    }
    Tensor result = advance(modelOutput, i, sample, noise);
    next++;
    return result;
  }

  private static void requireShape(String what, Tensor t, Tensor sample) {
    if (!t.shape().equals(sample.shape())) {
      throw new IllegalArgumentException(
          what + " is " + t.type() + ", but the sample " + sample.type() + ": expected one shape");
    }
  }

  /**
   * The clean sample that the denoiser has in mind at step {@code i}, without noise: what a preview
   * shows.
   *
   * @param modelOutput the denoiser's prediction
   * @param sample the sample before the step
   */
  public final Tensor predictOriginal(Tensor modelOutput, int i, Tensor sample) {
    requireShape("model output", modelOutput, sample);
    return new Combination().add(1, original(i), sample, modelOutput).orZeros(sample);
  }

  /** x₀ from sample and prediction at step {@code i}. */
  abstract PredictionType.Mix original(int i);

  /** Takes step {@code i}; {@code noise} is there if {@link #needsNoise} says so. */
  abstract Tensor advance(Tensor modelOutput, int i, Tensor sample, @Nullable Tensor noise);
}
