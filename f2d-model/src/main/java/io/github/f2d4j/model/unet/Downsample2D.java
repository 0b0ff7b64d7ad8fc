package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.op.ConvolveOp.Window;

/** Halves an image by a 3×3 convolution of stride 2. diffusers' {@code resnet.py Downsample2D}. */
public final class Downsample2D extends Layer {
  private final Conv2d conv; // conv.{weight [C,C,3,3],bias}

  /**
   * A layer.
   *
   * @param padding zeros on all sides; with 0 there is one column on the right and one row at the
   *     bottom instead, as the autoencoder has it ({@code F.pad (0,1,0,1)})
   */
  public Downsample2D(Weights w, int channels, int padding) {
    super(w);
    Window window = padding == 0 ? new Window(2, 2, 0, 1, 0, 1) : Window.of(2, padding);
    this.conv = new Conv2d(w.at("conv"), channels, channels, 3, window);
  }

  /** x [N,H,W,C] → [N,⌈H/2⌉,⌈W/2⌉,C] with padding 1, [N,⌊H/2⌋,⌊W/2⌋,C] with padding 0. */
  public Tensor forward(Tensor x) {
    return observed(conv.forward(x));
  }
}
