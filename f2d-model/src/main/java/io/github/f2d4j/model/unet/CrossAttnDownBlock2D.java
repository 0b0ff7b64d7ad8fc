package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A level with attention to the text. diffusers' {@code unet_2d_blocks.py CrossAttnDownBlock2D}.
 */
final class CrossAttnDownBlock2D extends UNetDownBlock {
  private final List<Transformer2DModel> attentions; // attentions.*

  CrossAttnDownBlock2D(Weights w, int level, UNetConfig config, Conditioning.Builder conditioning) {
    super(w, level, config, conditioning);
    int channels = config.blockOutChannels().get(level);
    int heads = config.attentionHeads().get(level);
    this.attentions =
        IntStream.range(0, config.layersPerBlock().get(level))
            .mapToObj(
                i ->
                    new Transformer2DModel(
                        w.at("attentions").at(i), channels, heads, config, conditioning))
            .toList();
  }

  @Override
  Tensor attend(int i, Tensor h, Conditioning.Step conditions) {
    return attentions.get(i).forward(h, conditions);
  }
}
