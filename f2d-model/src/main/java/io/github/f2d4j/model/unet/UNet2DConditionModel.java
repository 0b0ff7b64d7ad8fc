package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.GroupNorm;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Predicts the noise in latents, given the time and a text: the denoiser of Stable Diffusion 1.x.
 * diffusers' {@code unet_2d_condition.py UNet2DConditionModel}.
 */
public final class UNet2DConditionModel extends Layer {
  private final UNetConfig config;
  private final Conv2d convIn; // conv_in.*
  private final Timesteps timeProj; // no weights
  private final TimestepEmbedding timeEmbedding; // time_embedding.*
  private final List<UNetDownBlock> downBlocks; // down_blocks.*
  private final UNetMidBlock2DCrossAttn midBlock; // mid_block.*
  private final List<UNetUpBlock> upBlocks; // up_blocks.*
  private final GroupNorm convNormOut; // conv_norm_out.*
  private final Conv2d convOut; // conv_out.*

  /** The model of {@code config} over the weights of a diffusers checkpoint. */
  public UNet2DConditionModel(Weights w, UNetConfig config) {
    super(w);
    this.config = config;
    int first = config.blockOutChannels().getFirst();
    this.convIn = new Conv2d(w.at("conv_in"), config.inChannels(), first, config.convInKernel());
    this.timeProj =
        new Timesteps(w.at("time_proj"), first, config.flipSinToCos(), config.freqShift());
    this.timeEmbedding =
        new TimestepEmbedding(w.at("time_embedding"), first, config.timeEmbeddingDim());
    Weights down = w.at("down_blocks");
    this.downBlocks =
        IntStream.range(0, config.levels())
            .mapToObj(i -> UNetDownBlock.of(down.at(i), i, config))
            .toList();
    this.midBlock = new UNetMidBlock2DCrossAttn(w.at("mid_block"), config);
    Weights up = w.at("up_blocks");
    this.upBlocks =
        IntStream.range(0, config.levels())
            .mapToObj(i -> UNetUpBlock.of(up.at(i), i, config))
            .toList();
    this.convNormOut =
        new GroupNorm(w.at("conv_norm_out"), config.normNumGroups(), first, config.normEps());
    this.convOut =
        new Conv2d(w.at("conv_out"), first, config.outChannels(), config.convOutKernel());
  }

  /**
   * Loads a component folder: {@code config.json} and the weights beside it.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException if the configuration is not supported
   * @throws io.github.f2d4j.engine.nn.WeightsException if the weights do not fit it
   * @throws IOException if a file cannot be read
   */
  public static UNet2DConditionModel load(Path folder) throws IOException {
    return of(Checkpoint.open(folder));
  }

  /**
   * The model over an open checkpoint, with or without data; checks every weight.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException if the configuration is not supported
   * @throws io.github.f2d4j.engine.nn.WeightsException if the weights do not fit it
   */
  public static UNet2DConditionModel of(Checkpoint checkpoint) {
    Weights w = checkpoint.weights();
    UNet2DConditionModel model = new UNet2DConditionModel(w, UNetConfig.of(checkpoint.config()));
    w.verify();
    return model;
  }

  /** The architecture. */
  public UNetConfig config() {
    return config;
  }

  /**
   * Predicts the noise.
   *
   * @param sample noisy latents [N,H,W,inChannels], of any size
   * @param timesteps F32 [N], not necessarily whole
   * @param encoderHiddenStates text states [N,T,crossAttentionDim]
   * @return [N,H,W,outChannels]
   * @throws IllegalArgumentException if a shape does not fit
   */
  public Tensor forward(Tensor sample, Tensor timesteps, Tensor encoderHiddenStates) {
    requireShapes(sample, timesteps, encoderHiddenStates);
    if (config.centerInputSample()) {
      sample = sample.affine(2f, -1f);
    }
    // 1. Time
    Tensor temb = timeEmbedding.forward(timeProj.forward(timesteps)); // [N,E]
    // 2. Pre-process
    Tensor h = convIn.forward(sample); // [N,H,W,C0]
    // 3. Down
    Deque<Tensor> skips = new ArrayDeque<>();
    skips.addLast(h);
    for (UNetDownBlock block : downBlocks) {
      h = block.forward(h, temb, encoderHiddenStates, skips);
    }
    // 4. Mid
    h = midBlock.forward(h, temb, encoderHiddenStates);
    // 5. Up
    for (UNetUpBlock block : upBlocks) {
      h = block.forward(h, temb, encoderHiddenStates, skips);
    }
    // 6. Post-process
    return observed(convOut.forward(convNormOut.forward(h).silu()));
  }

  private void requireShapes(Tensor sample, Tensor timesteps, Tensor text) {
    boolean fits =
        sample.shape().rank() == 4
            && sample.dim(3) == config.inChannels()
            && timesteps.shape().rank() == 1
            && timesteps.dim(0) == sample.dim(0)
            && text.shape().rank() == 3
            && text.dim(0) == sample.dim(0)
            && text.dim(2) == config.crossAttentionDim();
    if (!fits) {
      throw new IllegalArgumentException(
          "UNet2DConditionModel: got sample "
              + sample.type()
              + ", timesteps "
              + timesteps.type()
              + ", text states "
              + text.type()
              + "; expected [N,H,W,"
              + config.inChannels()
              + "], [N] and [N,T,"
              + config.crossAttentionDim()
              + "]");
    }
  }
}
