package io.github.f2d4j.model.identity;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Turns aligned faces into vectors that tell people apart. Face2Diffusion's encoder is multi-scale
 * (MSID): it joins features of several depths, because shallow ones keep what the last layer has
 * dropped. Two networks can be that encoder: the published vision transformer ({@link MsidViT}) and
 * an ArcFace-style residual network with one head per stage ({@link MultiScaleIResNet}). {@link
 * IResNet} is the plain ArcFace embedding.
 */
public sealed interface IdentityEncoder permits IResNet, MultiScaleIResNet, MsidViT {

  /** The length of an identity vector. */
  int features();

  /** The height and width of the faces that this encoder takes. */
  int inputSize();

  /**
   * Encodes faces.
   *
   * @param alignedFaces RGB faces aligned to ArcFace's template, F32 [N,{@code inputSize},{@code
   *     inputSize},3] in −1..1
   * @return the identities [N,{@code features}], not normalised
   * @throws IllegalArgumentException if the faces have another shape
   */
  Tensor encode(Tensor alignedFaces);

  /**
   * The encoder that a checkpoint holds. Its {@code config.json} decides by {@code architecture};
   * where that is absent the names of the weights decide, and the shapes of the weights stand in
   * for any other value that is absent.
   *
   * <p>This reads no data yet; {@link Weights#verify()} reports afterwards all that does not fit.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException if neither tells what network this is,
   *     or the configuration contradicts itself
   */
  static IdentityEncoder of(ConfigJson config, Weights weights) {
    String architecture = config.text("architecture", "");
    return switch (architecture) {
      case "msid_vit", "MSIDEncoder", "msid_base_patch8_112" ->
          new MsidViT(weights, MsidVitConfig.of(config, weights));
      case "iresnet_multiscale" ->
          new MultiScaleIResNet(weights, MultiScaleConfig.of(config, weights));
      case "iresnet", "iresnet18", "iresnet34", "iresnet50", "iresnet100", "iresnet200" ->
          new IResNet(weights, IResNetConfig.of(config, weights));
      case "" -> ofWeights(config, weights);
      default ->
          throw config.wrong(
              "architecture",
              "msid_vit, iresnet_multiscale, or one of iresnet18, iresnet34, iresnet50,"
                  + " iresnet100, iresnet200");
    };
  }

  /**
   * Loads a checkpoint: a weight file or a folder that holds one, and the {@code config.json}
   * beside it, if there is one.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException if the configuration cannot be used
   * @throws io.github.f2d4j.engine.nn.WeightsException if the weights do not fit the network
   * @throws IOException if a file cannot be read
   */
  static IdentityEncoder load(Path path) throws IOException {
    return of(Checkpoint.open(path));
  }

  /**
   * The encoder over an open checkpoint, with or without data; checks every weight.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException if the configuration cannot be used
   * @throws io.github.f2d4j.engine.nn.WeightsException if the weights do not fit it
   */
  static IdentityEncoder of(Checkpoint checkpoint) {
    Weights w = checkpoint.weights();
    IdentityEncoder encoder = of(checkpoint.configOrEmpty(), w);
    w.verify();
    return encoder;
  }

  private static IdentityEncoder ofWeights(ConfigJson config, Weights weights) {
    if (weights.has("patch_embed")) {
      return new MsidViT(weights, MsidVitConfig.of(config, weights));
    }
    if (weights.has("layer1") && weights.has("heads")) {
      return new MultiScaleIResNet(weights, MultiScaleConfig.of(config, weights));
    }
    if (weights.has("layer1") && weights.has("fc")) {
      return new IResNet(weights, IResNetConfig.of(config, weights));
    }
    throw config.wrong(
        "architecture",
        "the name of one, because the weights are those of no identity encoder: they hold neither"
            + " patch_embed.* (msid_vit), nor layer1.* with heads.* (iresnet_multiscale), nor"
            + " layer1.* with fc.* (iresnet)");
  }
}
