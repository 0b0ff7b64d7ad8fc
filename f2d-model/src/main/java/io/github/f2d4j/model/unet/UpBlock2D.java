package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;

/** A level without attention. diffusers' {@code unet_2d_blocks.py UpBlock2D}. */
final class UpBlock2D extends UNetUpBlock {
  UpBlock2D(Weights w, int level, UNetConfig config, Conditioning.Builder conditioning) {
    super(w, level, config, conditioning);
  }

  @Override
  Tensor attend(int i, Tensor h, Conditioning.Step conditions) {
    return h;
  }
}
