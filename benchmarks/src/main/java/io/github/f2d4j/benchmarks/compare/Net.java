package io.github.f2d4j.benchmarks.compare;

/**
 * The networks that are compared, with their work at the sizes at which they run here. The counts
 * are those of matrix products, convolutions (direct form) and attention.
 */
public enum Net {
  /** Stable Diffusion 1.4's denoiser: two 64×64 latents, 77 tokens of text. */
  UNET("unet", 1606.55, 859_520_964L),
  /** Its image decoder: one 64×64 latent to 512×512. */
  VAE_DECODER("vae", 2514.52, 49_490_199L),
  /** CLIP ViT-L/14's text encoder: two prompts of 77 tokens. */
  TEXT_ENCODER("text_encoder", 26.381_279_232, 123_060_480L),
  /** Face2Diffusion's published identity encoder, a vision transformer: one face. */
  MSID_VIT("msid", 9.110_292_48, 21_453_696L),
  /** ArcFace's residual network with 50 layers: one face. */
  IRESNET50("iresnet50", 12.618_661_888, 43_628_992L);

  private final String folder;
  private final double gflop;
  private final long parameters;

  Net(String folder, double gflop, long parameters) {
    this.folder = folder;
    this.gflop = gflop;
    this.parameters = parameters;
  }

  /**
   * The largest relative error ‖a−b‖/‖b‖ between two float32 libraries' results.
   *
   * <p>Errors grow over the decoder's thirty convolutions: against double precision this library is
   * off by 4.4e-6, ONNX Runtime 1.29 by 1.8e-5 ({@code docs/results/2026-11-23-vae-precision.md}).
   */
  double tolerance() {
    return this == VAE_DECODER ? 3e-5 : Contender.Precision.FLOAT32.tolerance();
  }

  /** Its folder in a model folder. */
  public String folder() {
    return folder;
  }

  double gflop() {
    return gflop;
  }

  double weightBytes() {
    return 4.0 * parameters;
  }
}
