package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;

/**
 * Nearest-neighbour enlargement, then a 3×3 convolution. diffusers' {@code resnet.py Upsample2D}.
 */
public final class Upsample2D extends Layer {
  private final Conv2d conv; // conv.{weight [C,C,3,3],bias}

  /** A layer over {@code channels} channels. */
  public Upsample2D(Weights w, int channels) {
    super(w);
    this.conv = new Conv2d(w.at("conv"), channels, channels, 3);
  }

  /** x [N,H,W,C] → [N,2H,2W,C]. */
  public Tensor forward(Tensor x) {
    return forward(x, 2 * x.dim(1), 2 * x.dim(2));
  }

  /** x [N,H,W,C] → [N,height,width,C]. */
  public Tensor forward(Tensor x, int height, int width) {
    return observed(conv.forward(x.upsampleNearest(height, width)));
  }
}
