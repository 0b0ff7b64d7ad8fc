package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;

/** The coarsest level. diffusers' {@code unet_2d_blocks.py UNetMidBlock2DCrossAttn}. */
final class UNetMidBlock2DCrossAttn extends Layer {
  private final ResnetBlock2D resnet0; // resnets.0.*
  private final Transformer2DModel attention; // attentions.0.*
  private final ResnetBlock2D resnet1; // resnets.1.*

  UNetMidBlock2DCrossAttn(Weights w, UNetConfig config, Conditioning.Builder conditioning) {
    super(w);
    int channels = config.blockOutChannels().getLast();
    int heads = config.attentionHeads().getLast();
    this.resnet0 = resnet(w.at("resnets").at(0), channels, config, conditioning);
    this.attention =
        new Transformer2DModel(w.at("attentions").at(0), channels, heads, config, conditioning);
    this.resnet1 = resnet(w.at("resnets").at(1), channels, config, conditioning);
  }

  private static ResnetBlock2D resnet(
      Weights w, int channels, UNetConfig c, Conditioning.Builder conditioning) {
    return new ResnetBlock2D(
        w, channels, channels, c.timeEmbeddingDim(), c.normNumGroups(), c.normEps(), conditioning);
  }

  /** h [N,H,W,C] → [N,H,W,C]. */
  Tensor forward(Tensor h, Conditioning.Step conditions) {
    h = resnet0.forward(h, conditions);
    h = attention.forward(h, conditions);
    return observed(resnet1.forward(h, conditions));
  }
}
