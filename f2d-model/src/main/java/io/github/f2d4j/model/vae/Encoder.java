package io.github.f2d4j.model.vae;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.GroupNorm;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.unet.Downsample2D;
import io.github.f2d4j.model.unet.ResnetBlock2D;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From an image to the moments of its latents. diffusers' {@code vae.py Encoder}. */
final class Encoder extends Layer {
  static final float EPS = 1e-6f;

  private final Conv2d convIn; // conv_in.*
  private final List<DownEncoderBlock2D> downBlocks = new ArrayList<>(); // down_blocks.*
  private final UNetMidBlock2D midBlock; // mid_block.*
  private final GroupNorm convNormOut; // conv_norm_out.*
  private final Conv2d convOut; // conv_out.*

  /** A level of the encoder. diffusers' {@code unet_2d_blocks.py DownEncoderBlock2D}. */
  private static final class DownEncoderBlock2D extends Layer {
    private final List<ResnetBlock2D> resnets = new ArrayList<>(); // resnets.*
    private final @Nullable Downsample2D downsampler; // downsamplers.0.*, not at the last level

    DownEncoderBlock2D(Weights w, int level, AutoencoderKlConfig config) {
      super(w);
      List<Integer> channels = config.blockOutChannels();
      int out = channels.get(level);
      for (int i = 0; i < config.layersPerBlock(); i++) {
        int in = i == 0 ? channels.get(Math.max(level - 1, 0)) : out;
        resnets.add(new ResnetBlock2D(w.at("resnets").at(i), in, out, config.normNumGroups(), EPS));
      }
      boolean last = level == config.levels() - 1;
      this.downsampler = last ? null : new Downsample2D(w.at("downsamplers").at(0), out, 0);
    }

    /** h [N,H,W,in] → [N,⌊H/2⌋,⌊W/2⌋,out], or [N,H,W,out] at the last level. */
    Tensor forward(Tensor h) {
      for (ResnetBlock2D resnet : resnets) {
        h = resnet.forward(h);
      }
      return observed(downsampler == null ? h : downsampler.forward(h));
    }
  }

  Encoder(Weights w, AutoencoderKlConfig config) {
    super(w);
    int first = config.blockOutChannels().getFirst();
    int last = config.blockOutChannels().getLast();
    this.convIn = new Conv2d(w.at("conv_in"), config.inChannels(), first, 3);
    for (int i = 0; i < config.levels(); i++) {
      downBlocks.add(new DownEncoderBlock2D(w.at("down_blocks").at(i), i, config));
    }
    this.midBlock = new UNetMidBlock2D(w.at("mid_block"), last, config.normNumGroups(), EPS);
    this.convNormOut = new GroupNorm(w.at("conv_norm_out"), config.normNumGroups(), last, EPS);
    this.convOut = new Conv2d(w.at("conv_out"), last, 2 * config.latentChannels(), 3);
  }

  /** x [N,H,W,inChannels] → [N,⌊H/scale⌋,⌊W/scale⌋,2·latentChannels]. */
  Tensor forward(Tensor x) {
    Tensor h = convIn.forward(x);
    for (DownEncoderBlock2D block : downBlocks) {
      h = block.forward(h);
    }
    h = midBlock.forward(h);
    return observed(convOut.forward(convNormOut.forward(h).silu()));
  }
}
