package io.github.f2d4j.model.scheduler;

import io.github.f2d4j.engine.Tensor;
import java.util.Arrays;

/**
 * How much noise a sample holds at each of the training timesteps. Immutable.
 *
 * <p>With β the variances added per timestep: ᾱ_t = ∏(1−β), x_t = √ᾱ_t·x₀ + √(1−ᾱ_t)·ε (<a
 * href="https://arxiv.org/abs/2006.11239">DDPM</a>, equation 4), and in the form of <a
 * href="https://arxiv.org/abs/2206.00364">Karras et al.</a> σ_t = √((1−ᾱ_t)/ᾱ_t). Values are
 * float32 where torch stores them so.
 */
public final class NoiseSchedule {
  private final float[] betas;
  private final float[] alphasCumprod;
  private final float[] trainSigmas;

  NoiseSchedule(float[] betas) {
    int n = betas.length;
    this.betas = betas.clone();
    this.alphasCumprod = new float[n];
    this.trainSigmas = new float[n];
    // torch's cumprod on the CPU multiplies in double and rounds each element.
    double product = 1;
    for (int t = 0; t < n; t++) {
      float alpha = 1f - betas[t];
      product *= alpha;
      alphasCumprod[t] = (float) product;
      trainSigmas[t] = (float) Math.sqrt((1f - alphasCumprod[t]) / alphasCumprod[t]);
    }
  }

  /** The number of training timesteps. */
  public int trainTimesteps() {
    return betas.length;
  }

  /** β of each training timestep. */
  public float[] betas() {
    return betas.clone();
  }

  /** ᾱ of each training timestep. */
  public float[] alphasCumprod() {
    return alphasCumprod.clone();
  }

  /** σ of each training timestep, ascending. */
  public float[] trainSigmas() {
    return trainSigmas.clone();
  }

  double alphaCumprod(int timestep) {
    return alphasCumprod[timestep];
  }

  /** The largest σ. */
  float maxSigma() {
    float max = 0;
    for (float s : trainSigmas) {
      max = Math.max(max, s);
    }
    return max;
  }

  /** σ at a fractional timestep, linearly between its neighbours. */
  double sigmaAt(double timestep) {
    int low = (int) Math.min(Math.max(Math.floor(timestep), 0), trainSigmas.length - 1);
    int high = Math.min(low + 1, trainSigmas.length - 1);
    double slope = (double) trainSigmas[high] - trainSigmas[low];
    return slope * (timestep - low) + trainSigmas[low];
  }

  /**
   * The fractional timestep of a σ, linearly between its neighbours' logarithms; in float32, as
   * numpy computes it.
   */
  double timestepOf(double sigma) {
    float log = (float) Math.log(sigma);
    int low = 0;
    while (low + 1 < trainSigmas.length - 1 && log >= logSigma(low + 1)) {
      low++;
    }
    int high = Math.min(low + 1, trainSigmas.length - 1);
    float a = logSigma(low);
    float b = logSigma(high);
    float w = Math.clamp((a - log) / (a - b), 0f, 1f);
    return (double) (1 - w) * low + (double) w * high;
  }

  private float logSigma(int t) {
    return (float) Math.log(trainSigmas[t]);
  }

  /**
   * {@code n} values of σ by equation 5 of Karras et al. with ρ = 7.
   *
   * @param from the first
   * @param to the last
   */
  static double[] karras(double from, double to, int n) {
    double rho = 7;
    double a = Math.pow(from, 1 / rho);
    double b = Math.pow(to, 1 / rho);
    double[] ramp = linspace(0, 1, n);
    double[] sigmas = new double[n];
    for (int i = 0; i < n; i++) {
      sigmas[i] = Math.pow(a + ramp[i] * (b - a), rho);
    }
    return sigmas;
  }

  /** {@code numpy.linspace} in double. */
  static double[] linspace(double start, double end, int n) {
    double[] values = new double[n];
    double step = n > 1 ? (end - start) / (n - 1) : 0;
    for (int i = 0; i < n; i++) {
      values[i] = i * step + start;
    }
    if (n > 1) {
      values[n - 1] = end;
    }
    return values;
  }

  /**
   * √ᾱ_t·x₀ + √(1−ᾱ_t)·ε: samples as the denoiser sees them in training.
   *
   * @param original x₀, [N,...]
   * @param noise ε, of the same shape
   * @param timesteps one per sample, each from 0 and below {@link #trainTimesteps()}
   * @throws IllegalArgumentException if the shapes or the number of timesteps do not agree, or a
   *     timestep is out of range
   */
  public Tensor addNoise(Tensor original, Tensor noise, int... timesteps) {
    if (!original.shape().equals(noise.shape())
        || original.shape().rank() == 0
        || original.dim(0) != timesteps.length) {
      throw new IllegalArgumentException(
          "addNoise needs noise of the samples' shape and one timestep per sample, but got samples "
              + original.type()
              + ", noise "
              + noise.type()
              + " and "
              + timesteps.length
              + " timesteps");
    }
    float[] a = new float[timesteps.length];
    float[] s = new float[timesteps.length];
    for (int i = 0; i < timesteps.length; i++) {
      if (timesteps[i] < 0 || timesteps[i] >= betas.length) {
        throw new IllegalArgumentException(
            "timestep " + timesteps[i] + " is outside 0.." + (betas.length - 1));
      }
      a[i] = (float) Math.sqrt(alphasCumprod[timesteps[i]]);
      s[i] = (float) Math.sqrt(1f - alphasCumprod[timesteps[i]]);
    }
    int[] dims = new int[original.shape().rank()];
    Arrays.fill(dims, 1);
    dims[0] = timesteps.length;
    return original.mul(Tensor.of(a, dims)).add(noise.mul(Tensor.of(s, dims)));
  }
}
