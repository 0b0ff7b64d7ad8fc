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
import java.util.stream.Collectors;
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
  private final Conditioning conditioning; // time_emb_proj and attn2.to_k, to_v of all blocks

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
    Conditioning.Builder blocks = new Conditioning.Builder();
    Weights down = w.at("down_blocks");
    this.downBlocks =
        IntStream.range(0, config.levels())
            .mapToObj(i -> UNetDownBlock.of(down.at(i), i, config, blocks))
            .toList();
    this.midBlock = new UNetMidBlock2DCrossAttn(w.at("mid_block"), config, blocks);
    Weights up = w.at("up_blocks");
    this.upBlocks =
        IntStream.range(0, config.levels())
            .mapToObj(i -> UNetUpBlock.of(up.at(i), i, config, blocks))
            .toList();
    this.convNormOut =
        new GroupNorm(w.at("conv_norm_out"), config.normNumGroups(), first, config.normEps());
    this.convOut =
        new Conv2d(w.at("conv_out"), first, config.outChannels(), config.convOutKernel());
    this.conditioning = blocks.build();
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
   * @param timesteps F32 [N], or [1] for all images; not necessarily whole
   * @param encoderHiddenStates text states [N,T,crossAttentionDim], or [N/g,T,crossAttentionDim] of
   *     texts that each belong to g neighbouring images
   * @return [N,H,W,outChannels]
   * @throws IllegalArgumentException if a shape does not fit
   */
  public Tensor forward(Tensor sample, Tensor timesteps, Tensor encoderHiddenStates) {
    requireShapes(sample, timesteps, List.of(encoderHiddenStates));
    if (encoderHiddenStates.dim(2) != config.crossAttentionDim()) {
      throw misfit(sample, timesteps, List.of(encoderHiddenStates));
    }
    return forward(sample, timesteps, keysValues(encoderHiddenStates));
  }

  /**
   * All that {@link #forward(Tensor, Tensor, List)} reads of a text: keys and values of each
   * cross-attention. They are the same at every step.
   *
   * @param encoderHiddenStates text states [G,T,crossAttentionDim]
   * @return for each layer [G,T,2C]
   * @throws IllegalArgumentException if the shape does not fit
   */
  public List<Tensor> keysValues(Tensor encoderHiddenStates) {
    if (encoderHiddenStates.shape().rank() != 3
        || encoderHiddenStates.dim(2) != config.crossAttentionDim()) {
      throw new IllegalArgumentException(
          "UNet2DConditionModel: got text states "
              + encoderHiddenStates.type()
              + "; expected [N,T,"
              + config.crossAttentionDim()
              + "]");
    }
    return conditioning.keysValues(encoderHiddenStates);
  }

  /**
   * Predicts the noise, with what is to be read of the text computed before.
   *
   * @param sample noisy latents [N,H,W,inChannels], of any size
   * @param timesteps F32 [N], or [1] for all images; not necessarily whole
   * @param keysValues as {@link #keysValues} gave them for [N,T,crossAttentionDim], or for
   *     [N/g,T,crossAttentionDim] of texts that each belong to g neighbouring images
   * @return [N,H,W,outChannels]
   * @throws IllegalArgumentException if a shape does not fit
   */
  public Tensor forward(Tensor sample, Tensor timesteps, List<Tensor> keysValues) {
    requireShapes(sample, timesteps, keysValues);
    if (config.centerInputSample()) {
      sample = sample.affine(2f, -1f);
    }
    // 1. Time
    Tensor temb = timeEmbedding.forward(timeProj.forward(timesteps)); // [N,E] or [1,E]
    Conditioning.Step conditions = conditioning.step(temb, keysValues);
    // 2. Pre-process
    Tensor h = convIn.forward(sample); // [N,H,W,C0]
    // 3. Down
    Deque<Tensor> skips = new ArrayDeque<>();
    skips.addLast(h);
    for (UNetDownBlock block : downBlocks) {
      h = block.forward(h, conditions, skips);
    }
    // 4. Mid
    h = midBlock.forward(h, conditions);
    // 5. Up
    for (UNetUpBlock block : upBlocks) {
      h = block.forward(h, conditions, skips);
    }
    // 6. Post-process
    return observed(convOut.forward(convNormOut.forward(h).silu()));
  }

  /** Checks inputs of which {@code texts} are text states, or what was made of them. */
  private void requireShapes(Tensor sample, Tensor timesteps, List<Tensor> texts) {
    boolean fits =
        sample.shape().rank() == 4
            && sample.dim(3) == config.inChannels()
            && timesteps.shape().rank() == 1
            && (timesteps.dim(0) == sample.dim(0) || timesteps.dim(0) == 1)
            && texts.stream().allMatch(t -> t.shape().rank() == 3 && serves(t, sample.dim(0)));
    if (!fits) {
      throw misfit(sample, timesteps, texts);
    }
  }

  private static boolean serves(Tensor text, int images) {
    int texts = text.dim(0);
    return texts == images || (texts > 0 && images % texts == 0);
  }

  private IllegalArgumentException misfit(Tensor sample, Tensor timesteps, List<Tensor> texts) {
    return new IllegalArgumentException(
        "UNet2DConditionModel: got sample %s, timesteps %s, text states %s"
                .formatted(
                    sample.type(),
                    timesteps.type(),
                    texts.stream()
                        .map(t -> t.type().toString())
                        .distinct()
                        .collect(Collectors.joining(", ")))
            + "; expected [N,H,W,%d], [N] or [1], and [N,T,%d] or [N/g,T,%d]"
                .formatted(
                    config.inChannels(), config.crossAttentionDim(), config.crossAttentionDim()));
  }
}
