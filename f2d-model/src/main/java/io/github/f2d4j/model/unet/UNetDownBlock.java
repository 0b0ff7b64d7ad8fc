package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One level on the way down: residual blocks, with or without attention, then a downsampler. */
abstract sealed class UNetDownBlock extends Layer permits DownBlock2D, CrossAttnDownBlock2D {
  private final List<ResnetBlock2D> resnets = new ArrayList<>(); // resnets.*
  private final @Nullable Downsample2D downsampler; // downsamplers.0.*, not at the last level

  UNetDownBlock(Weights w, int level, UNetConfig config, Conditioning.Builder conditioning) {
    super(w);
    List<Integer> channels = config.blockOutChannels();
    int in = channels.get(Math.max(level - 1, 0));
    int out = channels.get(level);
    for (int i = 0; i < config.layersPerBlock().get(level); i++) {
      resnets.add(
          new ResnetBlock2D(
              w.at("resnets").at(i),
              i == 0 ? in : out,
              out,
              config.timeEmbeddingDim(),
              config.normNumGroups(),
              config.normEps(),
              conditioning));
    }
    boolean last = level == config.levels() - 1;
    this.downsampler =
        last ? null : new Downsample2D(w.at("downsamplers").at(0), out, config.downsamplePadding());
  }

  /** The block of {@code level}. */
  static UNetDownBlock of(
      Weights w, int level, UNetConfig config, Conditioning.Builder conditioning) {
    return config.downBlockTypes().get(level).equals(UNetConfig.CROSS_ATTN_DOWN)
        ? new CrossAttnDownBlock2D(w, level, config, conditioning)
        : new DownBlock2D(w, level, config, conditioning);
  }

  /** What comes after residual block {@code i}: h [N,H,W,C] → [N,H,W,C]. */
  abstract Tensor attend(int i, Tensor h, Conditioning.Step conditions);

  /**
   * h [N,H,W,in] → [N,⌈H/2⌉,⌈W/2⌉,out], or [N,H,W,out] at the last level.
   *
   * @param skips where every result goes for the way up
   */
  final Tensor forward(Tensor h, Conditioning.Step conditions, Deque<Tensor> skips) {
    for (int i = 0; i < resnets.size(); i++) {
      h = attend(i, resnets.get(i).forward(h, conditions), conditions);
      skips.addLast(h);
    }
    if (downsampler != null) {
      h = downsampler.forward(h);
      skips.addLast(h);
    }
    return observed(h);
  }
}
