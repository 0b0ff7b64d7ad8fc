package io.github.f2d4j.model.vae;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Between images in [−1, 1] and latents. diffusers' {@code autoencoder_kl.py AutoencoderKL}.
 *
 * <p>{@link AutoencoderKlConfig#scalingFactor()} is not applied here: multiply latents by it after
 * {@link #encode}, divide by it before {@link #decode}.
 */
public final class AutoencoderKl extends Layer {
  private final AutoencoderKlConfig config;
  private final Encoder encoder; // encoder.*
  private final Decoder decoder; // decoder.*
  private final Conv2d quantConv; // quant_conv.{weight [2C,2C,1,1],bias}
  private final Conv2d postQuantConv; // post_quant_conv.{weight [C,C,1,1],bias}

  /** The model of {@code config} over the weights of a diffusers checkpoint. */
  public AutoencoderKl(Weights w, AutoencoderKlConfig config) {
    super(w);
    int latent = config.latentChannels();
    this.config = config;
    this.encoder = new Encoder(w.at("encoder"), config);
    this.decoder = new Decoder(w.at("decoder"), config);
    this.quantConv = new Conv2d(w.at("quant_conv"), 2 * latent, 2 * latent, 1);
    this.postQuantConv = new Conv2d(w.at("post_quant_conv"), latent, latent, 1);
  }

  /**
   * Loads a component folder: {@code config.json} and the weights beside it.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException if the configuration is not supported
   * @throws io.github.f2d4j.engine.nn.WeightsException if the weights do not fit it
   * @throws IOException if a file cannot be read
   */
  public static AutoencoderKl load(Path folder) throws IOException {
    return of(Checkpoint.open(folder));
  }

  /**
   * The model over an open checkpoint, with or without data; checks every weight.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException if the configuration is not supported
   * @throws io.github.f2d4j.engine.nn.WeightsException if the weights do not fit it
   */
  public static AutoencoderKl of(Checkpoint checkpoint) {
    Weights w = checkpoint.weights();
    AutoencoderKl model = new AutoencoderKl(w, AutoencoderKlConfig.of(checkpoint.config()));
    w.verify();
    return model;
  }

  /** The architecture. */
  public AutoencoderKlConfig config() {
    return config;
  }

  /**
   * x [N,H,W,inChannels] → a distribution over [N,⌊H/scale⌋,⌊W/scale⌋,latentChannels].
   *
   * @throws IllegalArgumentException if the image has other channels, or is smaller than one latent
   */
  public DiagonalGaussianDistribution encode(Tensor x) {
    requireImage("encode", x, config.inChannels(), config.scale());
    return DiagonalGaussianDistribution.of(quantConv.forward(encoder.forward(x)));
  }

  /**
   * z [N,H,W,latentChannels] → [N,scale·H,scale·W,outChannels].
   *
   * @throws IllegalArgumentException if the latents have other channels
   */
  public Tensor decode(Tensor z) {
    requireImage("decode", z, config.latentChannels(), 1);
    return decoder.forward(postQuantConv.forward(z));
  }

  /**
   * {@link #decode} in overlapping tiles, computed at once: working memory is that of one tile,
   * however large the image. Normalisation and attention see one tile at a time, so tones may
   * differ slightly from those of a plain decode.
   */
  public Tensor decode(Tensor z, Tiling tiling) {
    requireImage("decode", z, config.latentChannels(), 1);
    return TiledDecode.run(z, tiling, config.scale(), config.outChannels(), this::decode);
  }

  /** Tiles of the size that the model was trained on, overlapping by a quarter. */
  public Tiling defaultTiling() {
    int tile = Math.max(2, config.sampleSize() / config.scale());
    return new Tiling(tile, tile / 4);
  }

  private static void requireImage(String method, Tensor x, int channels, int smallest) {
    if (x.shape().rank() != 4
        || x.dim(3) != channels
        || x.dim(1) < smallest
        || x.dim(2) < smallest) {
      throw new IllegalArgumentException(
          "AutoencoderKl.%s: got %s, expected [N,H,W,%d] with H and W of at least %d"
              .formatted(method, x.type(), channels, smallest));
    }
  }
}
