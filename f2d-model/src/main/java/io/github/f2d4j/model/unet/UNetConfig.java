package io.github.f2d4j.model.unet;

import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.checkpoint.Sizes;
import java.util.Collections;
import java.util.List;

/**
 * The architecture of a {@link UNet2DConditionModel}, with the names of diffusers' {@code
 * config.json}.
 *
 * @param sampleSize height and width of the latents it was trained on
 * @param inChannels channels of the latents
 * @param outChannels channels of the prediction
 * @param centerInputSample whether the input is scaled from [0,1] to [−1,1]
 * @param flipSinToCos whether the time embedding begins with the cosines
 * @param freqShift shift of the time embedding's frequencies
 * @param downBlockTypes {@code CrossAttnDownBlock2D} or {@code DownBlock2D} for each level
 * @param upBlockTypes {@code UpBlock2D} or {@code CrossAttnUpBlock2D} for each level, coarsest
 *     first
 * @param blockOutChannels channels of each level, finest first
 * @param layersPerBlock residual blocks of each level on the way down; one more on the way up
 * @param downsamplePadding 1, or 0 for zeros on the right and at the bottom only
 * @param normNumGroups groups of every group normalisation
 * @param normEps epsilon of the group normalisations but those of the transformers
 * @param crossAttentionDim width of the text states
 * @param attentionHeads number of heads at each level: {@code attention_head_dim} of the file,
 *     which in spite of its name is their number
 * @param transformerLayersPerBlock transformer blocks at each attention
 * @param useLinearProjection whether the transformers' projections are linear layers
 * @param convInKernel kernel size of the first convolution
 * @param convOutKernel kernel size of the last convolution
 * @param timeEmbeddingDim width of the time embedding
 */
public record UNetConfig(
    int sampleSize,
    int inChannels,
    int outChannels,
    boolean centerInputSample,
    boolean flipSinToCos,
    float freqShift,
    List<String> downBlockTypes,
    List<String> upBlockTypes,
    List<Integer> blockOutChannels,
    List<Integer> layersPerBlock,
    int downsamplePadding,
    int normNumGroups,
    float normEps,
    int crossAttentionDim,
    List<Integer> attentionHeads,
    int transformerLayersPerBlock,
    boolean useLinearProjection,
    int convInKernel,
    int convOutKernel,
    int timeEmbeddingDim) {

  static final String CROSS_ATTN_DOWN = "CrossAttnDownBlock2D";
  static final String DOWN = "DownBlock2D";
  static final String CROSS_ATTN_UP = "CrossAttnUpBlock2D";
  static final String UP = "UpBlock2D";
  private static final String MID = "UNetMidBlock2DCrossAttn";

  /** Switches of diffusers' other networks that this one does not have. */
  private static final List<String> MUST_BE_OFF =
      List.of(
          "addition_embed_type",
          "class_embed_type",
          "class_embeddings_concat",
          "cross_attention_norm",
          "dual_cross_attention",
          "encoder_hid_dim",
          "encoder_hid_dim_type",
          "mid_block_only_cross_attention",
          "num_class_embeds",
          "only_cross_attention",
          "projection_class_embeddings_input_dim",
          "resnet_skip_time_act",
          "reverse_transformer_layers_per_block",
          "time_cond_proj_dim",
          "time_embedding_act_fn",
          "timestep_post_act");

  /** Copies the lists. */
  public UNetConfig {
    downBlockTypes = List.copyOf(downBlockTypes);
    upBlockTypes = List.copyOf(upBlockTypes);
    blockOutChannels = List.copyOf(blockOutChannels);
    layersPerBlock = List.copyOf(layersPerBlock);
    attentionHeads = List.copyOf(attentionHeads);
    Sizes.requirePositive("time_embedding_dim", timeEmbeddingDim);
  }

  /**
   * Reads diffusers' {@code unet/config.json}.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException naming the key, if a value is missing,
   *     malformed or not supported
   */
  public static UNetConfig of(ConfigJson c) {
    requireSupported(c);
    List<Integer> channels = c.positives("block_out_channels");
    int levels = channels.size();
    int groups = c.positive("norm_num_groups", 32);
    if (channels.stream().anyMatch(n -> n % groups != 0)) {
      throw c.wrong("block_out_channels", "multiples of norm_num_groups, which is " + groups);
    }
    // num_attention_heads was added later and takes precedence.
    String heads = c.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
    int padding = c.integer("downsample_padding", 1);
    if (padding != 0 && padding != 1) {
      throw c.wrong("downsample_padding", "0 or 1");
    }
    UNetConfig config =
        new UNetConfig(
            c.positive("sample_size", 64),
            c.positive("in_channels", 4),
            c.positive("out_channels", 4),
            c.flag("center_input_sample", false),
            c.flag("flip_sin_to_cos", true),
            (float) c.number("freq_shift", 0),
            blocks(c, "down_block_types", levels, CROSS_ATTN_DOWN, DOWN),
            blocks(c, "up_block_types", levels, CROSS_ATTN_UP, UP),
            channels,
            c.has("layers_per_block")
                ? c.positivesFor("layers_per_block", levels)
                : Collections.nCopies(levels, 2),
            padding,
            groups,
            (float) c.number("norm_eps", 1e-5),
            c.positive("cross_attention_dim"),
            c.positivesFor(heads, levels),
            c.positive("transformer_layers_per_block", 1),
            c.flag("use_linear_projection", false),
            oddKernel(c, "conv_in_kernel"),
            oddKernel(c, "conv_out_kernel"),
            c.positive("time_embedding_dim", 4 * channels.getFirst()));
    for (int i = 0; i < levels; i++) {
      if (config.attentionHeads.get(i) > channels.get(i)) {
        throw c.wrong(heads, "no more heads than channels at each level, " + channels);
      }
    }
    return config;
  }

  private static void requireSupported(ConfigJson c) {
    c.requireNeutral("_class_name", "UNet2DConditionModel");
    c.choice("act_fn", "silu", "silu", "swish");
    if (c.json().has("mid_block_type") && !c.choice("mid_block_type", "", MID).equals(MID)) {
      throw c.wrong("mid_block_type", MID);
    }
    MUST_BE_OFF.forEach(c::requireOff);
    c.requireNeutral("attention_type", "default");
    c.requireNeutral("dropout", 0);
    c.requireNeutral("mid_block_scale_factor", 1);
    c.requireNeutral("resnet_out_scale_factor", 1);
    c.requireNeutral("resnet_time_scale_shift", "default");
    c.requireNeutral("time_embedding_type", "positional");
  }

  private static List<String> blocks(
      ConfigJson c, String key, int levels, String withAttention, String plain) {
    List<String> types = c.texts(key);
    if (types.size() != levels
        || !types.stream().allMatch(t -> t.equals(withAttention) || t.equals(plain))) {
      throw c.wrong(key, levels + " of " + withAttention + " and " + plain);
    }
    return types;
  }

  private static int oddKernel(ConfigJson c, String key) {
    int kernel = c.positive(key, 3);
    if (kernel % 2 == 0) {
      throw c.wrong(key, "an odd size");
    }
    return kernel;
  }

  /** The number of levels. */
  public int levels() {
    return blockOutChannels.size();
  }
}
