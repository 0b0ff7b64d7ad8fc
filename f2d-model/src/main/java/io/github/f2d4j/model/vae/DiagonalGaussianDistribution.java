package io.github.f2d4j.model.vae;

import io.github.f2d4j.engine.Tensor;

/**
 * What the encoder knows of an image's latents: a normal distribution for each. diffusers' {@code
 * vae.py DiagonalGaussianDistribution}.
 *
 * @param mean [N,H,W,C]
 * @param logvar logarithm of the variance, within [−30, 20]: [N,H,W,C]
 */
public record DiagonalGaussianDistribution(Tensor mean, Tensor logvar) {
  /** From the encoder's output [N,H,W,2C]: means, then logarithms of variances. */
  public static DiagonalGaussianDistribution of(Tensor moments) {
    int channels = moments.dim(-1) / 2;
    return new DiagonalGaussianDistribution(
        moments.slice(-1, 0, channels), moments.slice(-1, channels, 2 * channels).clamp(-30f, 20f));
  }

  /** Standard deviation [N,H,W,C]. */
  public Tensor std() {
    return logvar.mul(0.5f).exp();
  }

  /** Variance [N,H,W,C]. */
  public Tensor variance() {
    return logvar.exp();
  }

  /** A sample: mean + std·noise, with standard normal noise [N,H,W,C]. */
  public Tensor sample(Tensor noise) {
    return mean.add(std().mul(noise));
  }

  /** The most likely latents. */
  public Tensor mode() {
    return mean;
  }
}
