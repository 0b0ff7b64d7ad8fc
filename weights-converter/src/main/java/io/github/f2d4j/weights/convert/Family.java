package io.github.f2d4j.weights.convert;

/** The kinds of checkpoints that a model folder is made of. */
public enum Family {
  /** Denoiser, autoencoder and text encoder of Stable Diffusion 1.x in the CompVis code's names. */
  STABLE_DIFFUSION("Stable Diffusion 1.x in one file"),
  /** The denoiser in diffusers' names. */
  UNET("Stable Diffusion 1.x denoiser (diffusers)"),
  /** The autoencoder in diffusers' names. */
  VAE("Stable Diffusion autoencoder (diffusers)"),
  /** The autoencoder alone in the CompVis code's names. */
  VAE_ORIGINAL("Stable Diffusion autoencoder in the original names"),
  /** The CLIP text encoder in transformers' names. */
  TEXT_ENCODER("CLIP text encoder"),
  /** Face2Diffusion's published identity encoder. */
  MSID_VIT("Face2Diffusion identity encoder (MSID vision transformer)"),
  /** An ArcFace residual network with a head on each of several stages. */
  IRESNET_MULTISCALE("multi-scale ArcFace identity encoder (iresnet with heads)"),
  /** A plain ArcFace residual network. */
  IRESNET("ArcFace identity encoder (insightface iresnet)"),
  /** Face2Diffusion's mapping network. */
  MAPPING("Face2Diffusion mapping network"),
  /** Deep3DFaceRecon's coefficients network. */
  EXPRESSION("Deep3DFaceRecon expression encoder");

  private final String title;

  Family(String title) {
    this.title = title;
  }

  /** What messages call it. */
  public String title() {
    return title;
  }
}
