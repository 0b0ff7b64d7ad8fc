package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One level on the way up: residual blocks over the state and what the way down left, with or
 * without attention, then an upsampler.
 */
abstract sealed class UNetUpBlock extends Layer permits UpBlock2D, CrossAttnUpBlock2D {
  private final List<ResnetBlock2D> resnets = new ArrayList<>(); // resnets.*
  private final @Nullable Upsample2D upsampler; // upsamplers.0.*, not at the finest level

  /**
   * A block.
   *
   * @param level the level by the way down: 0 is the finest
   */
  UNetUpBlock(Weights w, int level, UNetConfig config, Conditioning.Builder conditioning) {
    super(w);
    List<Integer> channels = config.blockOutChannels();
    int out = channels.get(level);
    int coarser = channels.get(Math.min(level + 1, config.levels() - 1));
    int finer = channels.get(Math.max(level - 1, 0));
    int layers = layers(level, config);
    for (int i = 0; i < layers; i++) {
      int skip = i == layers - 1 ? finer : out; // the last one reads the finer level's downsampler
      int in = i == 0 ? coarser : out;
      resnets.add(
          new ResnetBlock2D(
              w.at("resnets").at(i),
              in + skip,
              out,
              config.timeEmbeddingDim(),
              config.normNumGroups(),
              config.normEps(),
              conditioning));
    }
    this.upsampler = level == 0 ? null : new Upsample2D(w.at("upsamplers").at(0), out);
  }

  /** The block that stands at {@code up_blocks.index}. */
  static UNetUpBlock of(
      Weights w, int index, UNetConfig config, Conditioning.Builder conditioning) {
    int level = config.levels() - 1 - index;
    return config.upBlockTypes().get(index).equals(UNetConfig.CROSS_ATTN_UP)
        ? new CrossAttnUpBlock2D(w, level, config, conditioning)
        : new UpBlock2D(w, level, config, conditioning);
  }

  /** The number of residual blocks: one for each skip that the level's way down has left. */
  static int layers(int level, UNetConfig config) {
    return config.layersPerBlock().get(level) + 1;
  }

  /** What comes after residual block {@code i}: h [N,H,W,C] → [N,H,W,C]. */
  abstract Tensor attend(int i, Tensor h, Conditioning.Step conditions);

  /**
   * h [N,H,W,C] → [N,H',W',out], the size of the next skip, which is 2H or 2H−1; [N,H,W,out] at the
   * finest level.
   *
   * @param skips what the way down has left; the last ones are taken
   */
  final Tensor forward(Tensor h, Conditioning.Step conditions, Deque<Tensor> skips) {
    for (int i = 0; i < resnets.size(); i++) {
      h = Tensor.concat(3, h, skips.removeLast()); // [N,H,W,in+skip]
      h = attend(i, resnets.get(i).forward(h, conditions), conditions);
    }
    if (upsampler != null) {
      Tensor next = skips.getLast();
      h = upsampler.forward(h, next.dim(1), next.dim(2));
    }
    return observed(h);
  }
}
