package io.github.f2d4j.model.vae;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.GroupNorm;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.unet.ResnetBlock2D;
import io.github.f2d4j.model.unet.Upsample2D;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From latents to an image. diffusers' {@code vae.py Decoder}. */
final class Decoder extends Layer {
  private final Conv2d convIn; // conv_in.*
  private final UNetMidBlock2D midBlock; // mid_block.*
  private final List<UpDecoderBlock2D> upBlocks = new ArrayList<>(); // up_blocks.*
  private final GroupNorm convNormOut; // conv_norm_out.*
  private final Conv2d convOut; // conv_out.*

  /** A level of the decoder. diffusers' {@code unet_2d_blocks.py UpDecoderBlock2D}. */
  private static final class UpDecoderBlock2D extends Layer {
    private final List<ResnetBlock2D> resnets = new ArrayList<>(); // resnets.*
    private final @Nullable Upsample2D upsampler; // upsamplers.0.*, not at the finest level

    /** The block of {@code level} by the encoder's order: 0 is the finest. */
    UpDecoderBlock2D(Weights w, int level, AutoencoderKlConfig config) {
      super(w);
      List<Integer> channels = config.blockOutChannels();
      int out = channels.get(level);
      for (int i = 0; i < config.layersPerBlock() + 1; i++) {
        int in = i == 0 ? channels.get(Math.min(level + 1, config.levels() - 1)) : out;
        resnets.add(
            new ResnetBlock2D(w.at("resnets").at(i), in, out, config.normNumGroups(), Encoder.EPS));
      }
      this.upsampler = level == 0 ? null : new Upsample2D(w.at("upsamplers").at(0), out);
    }

    /** h [N,H,W,in] → [N,2H,2W,out], or [N,H,W,out] at the finest level. */
    Tensor forward(Tensor h) {
      for (ResnetBlock2D resnet : resnets) {
        h = resnet.forward(h);
      }
      return observed(upsampler == null ? h : upsampler.forward(h));
    }
  }

  Decoder(Weights w, AutoencoderKlConfig config) {
    super(w);
    int groups = config.normNumGroups();
    int first = config.blockOutChannels().getFirst();
    int last = config.blockOutChannels().getLast();
    this.convIn = new Conv2d(w.at("conv_in"), config.latentChannels(), last, 3);
    this.midBlock = new UNetMidBlock2D(w.at("mid_block"), last, groups, Encoder.EPS);
    for (int i = 0; i < config.levels(); i++) {
      int level = config.levels() - 1 - i;
      upBlocks.add(new UpDecoderBlock2D(w.at("up_blocks").at(i), level, config));
    }
    this.convNormOut = new GroupNorm(w.at("conv_norm_out"), groups, first, Encoder.EPS);
    this.convOut = new Conv2d(w.at("conv_out"), first, config.outChannels(), 3);
  }

  /** z [N,H,W,latentChannels] → [N,scale·H,scale·W,outChannels]. */
  Tensor forward(Tensor z) {
    Tensor h = midBlock.forward(convIn.forward(z));
    for (UpDecoderBlock2D block : upBlocks) {
      h = block.forward(h);
    }
    return observed(convOut.forward(convNormOut.forward(h).silu()));
  }
}
