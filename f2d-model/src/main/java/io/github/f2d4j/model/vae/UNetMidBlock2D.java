package io.github.f2d4j.model.vae;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.unet.ResnetBlock2D;

/** The coarsest level. diffusers' {@code unet_2d_blocks.py UNetMidBlock2D}. */
final class UNetMidBlock2D extends Layer {
  private final ResnetBlock2D resnet0; // resnets.0.*
  private final AttentionBlock attention; // attentions.0.*
  private final ResnetBlock2D resnet1; // resnets.1.*

  UNetMidBlock2D(Weights w, int channels, int groups, float eps) {
    super(w);
    this.resnet0 = new ResnetBlock2D(w.at("resnets").at(0), channels, channels, groups, eps);
    this.attention = new AttentionBlock(w.at("attentions").at(0), channels, groups, eps);
    this.resnet1 = new ResnetBlock2D(w.at("resnets").at(1), channels, channels, groups, eps);
  }

  /** h [N,H,W,C] → the same shape. */
  Tensor forward(Tensor h) {
    return observed(resnet1.forward(attention.forward(resnet0.forward(h))));
  }
}
