package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;

/**
 * Sinusoidal embedding of timesteps, "Attention is all you need" section 3.5; diffusers' {@code
 * embeddings.py get_timestep_embedding}:
 *
 * <p>ω_i = 10000^(−i/(h − freq_shift)) for i = 0 … h−1, h = ⌊dim/2⌋; the result is [sin tω, cos
 * tω], or [cos tω, sin tω] if flipped, and a zero if dim is odd.
 */
public final class Timesteps extends Layer {
  private static final float LOG_MAX_PERIOD = (float) Math.log(10000);

  private final int dim;
  private final boolean flipSinToCos;
  private final Tensor frequencies; // [1,h]

  /**
   * A layer; it has no weights.
   *
   * @param dim width of the embedding, at least 2
   */
  public Timesteps(Weights w, int dim, boolean flipSinToCos, float freqShift) {
    super(w);
    this.dim = dim;
    this.flipSinToCos = flipSinToCos;
    float[] omega = new float[dim / 2];
    for (int i = 0; i < omega.length; i++) {
      // Every step in float32, as upstream: at t = 1000 one unit in ω's last place is 6e-5 rad.
      float exponent = -LOG_MAX_PERIOD * i / (omega.length - freqShift);
      omega[i] = (float) Math.exp(exponent);
    }
    this.frequencies = Tensor.of(omega, 1, omega.length);
  }

  /** timesteps F32 [N], not necessarily whole → [N,dim]. */
  public Tensor forward(Tensor timesteps) {
    Tensor angles = timesteps.reshape(timesteps.dim(0), 1).mul(frequencies); // [N,h]
    Tensor embedding =
        flipSinToCos
            ? Tensor.concat(1, angles.cos(), angles.sin())
            : Tensor.concat(1, angles.sin(), angles.cos());
    return observed(dim % 2 == 0 ? embedding : embedding.pad(1, 0, 1));
  }
}
