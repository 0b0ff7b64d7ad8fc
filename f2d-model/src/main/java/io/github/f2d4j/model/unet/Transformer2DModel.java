package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.GroupNorm;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A transformer over the pixels of an image. diffusers' {@code transformer_2d.py
 * Transformer2DModel} with continuous input.
 */
public final class Transformer2DModel extends Layer {
  private static final float EPS = 1e-6f;

  private final int inner;
  private final boolean linearProjection;
  private final GroupNorm norm; // norm.{weight,bias} [channels]
  private final UnaryOperator<Tensor> projIn; // proj_in.{weight,bias}
  private final List<BasicTransformerBlock> transformerBlocks; // transformer_blocks.*
  private final UnaryOperator<Tensor> projOut; // proj_out.{weight,bias}

  /** The transformer of one block of {@code config} that has {@code heads} attention heads. */
  Transformer2DModel(
      Weights w, int channels, int heads, UNetConfig config, Conditioning.Builder conditioning) {
    super(w);
    int dimHead = channels / heads;
    this.inner = heads * dimHead;
    this.linearProjection = config.useLinearProjection();
    this.norm = new GroupNorm(w.at("norm"), config.normNumGroups(), channels, EPS);
    this.projIn = projection(w.at("proj_in"), channels, inner);
    Weights blocks = w.at("transformer_blocks");
    this.transformerBlocks =
        IntStream.range(0, config.transformerLayersPerBlock())
            .mapToObj(
                i ->
                    new BasicTransformerBlock(
                        blocks.at(i),
                        inner,
                        heads,
                        dimHead,
                        config.crossAttentionDim(),
                        conditioning))
            .toList();
    this.projOut = projection(w.at("proj_out"), inner, channels);
  }

  /** Stable Diffusion 1.x keeps 1×1 convolutions [out,in,1,1], 2.x linear layers [out,in]. */
  private UnaryOperator<Tensor> projection(Weights w, int in, int out) {
    return linearProjection ? new Linear(w, in, out)::forward : new Conv2d(w, in, out, 1)::forward;
  }

  /** x [N,H,W,channels] → [N,H,W,channels]. */
  Tensor forward(Tensor x, Conditioning.Step conditions) {
    int n = x.dim(0);
    int height = x.dim(1);
    int width = x.dim(2);
    int channels = x.dim(3);
    // 1. Input
    Tensor h = norm.forward(x);
    h =
        linearProjection
            ? projIn.apply(h.reshape(n, height * width, channels))
            : projIn.apply(h).reshape(n, height * width, inner); // [N,HW,inner]
    // 2. Blocks
    for (BasicTransformerBlock block : transformerBlocks) {
      h = block.forward(h, conditions);
    }
    // 3. Output
    h =
        linearProjection
            ? projOut.apply(h).reshape(n, height, width, channels)
            : projOut.apply(h.reshape(n, height, width, inner)); // [N,H,W,channels]
    return observed(h.add(x));
  }
}
