package io.github.f2d4j.model.vae;

import io.github.f2d4j.model.checkpoint.ConfigJson;
import java.util.List;

/**
 * The architecture of an {@link AutoencoderKl}, with the names of diffusers' {@code config.json}.
 *
 * @param sampleSize height and width of the images it was trained on
 * @param inChannels channels of the images it encodes
 * @param outChannels channels of the images it decodes
 * @param latentChannels channels of the latents
 * @param blockOutChannels channels of each level, finest first
 * @param layersPerBlock residual blocks of each level of the encoder; one more in the decoder
 * @param normNumGroups groups of every group normalisation
 * @param scalingFactor what latents are multiplied by before diffusion; not a part of the network
 */
public record AutoencoderKlConfig(
    int sampleSize,
    int inChannels,
    int outChannels,
    int latentChannels,
    List<Integer> blockOutChannels,
    int layersPerBlock,
    int normNumGroups,
    float scalingFactor) {
  /** Copies the list. */
  public AutoencoderKlConfig {
    blockOutChannels = List.copyOf(blockOutChannels);
  }

  /**
   * Reads diffusers' {@code vae/config.json}.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException naming the key, if a value is missing,
   *     malformed or not supported
   */
  public static AutoencoderKlConfig of(ConfigJson c) {
    c.requireNeutral("_class_name", "AutoencoderKL");
    c.choice("act_fn", "silu", "silu", "swish");
    c.requireOff("shift_factor");
    c.requireOff("latents_mean");
    c.requireOff("latents_std");
    c.requireNeutral("use_quant_conv", true);
    c.requireNeutral("use_post_quant_conv", true);
    c.requireNeutral("mid_block_add_attention", true);
    List<Integer> channels = c.positives("block_out_channels");
    requireBlocks(c, "down_block_types", "DownEncoderBlock2D", channels.size());
    requireBlocks(c, "up_block_types", "UpDecoderBlock2D", channels.size());
    int groups = c.positive("norm_num_groups", 32);
    if (channels.stream().anyMatch(n -> n % groups != 0)) {
      throw c.wrong("block_out_channels", "multiples of norm_num_groups, which is " + groups);
    }
    float scaling = (float) c.number("scaling_factor", 0.18215);
    if (!(scaling > 0)) {
      throw c.wrong("scaling_factor", "a positive number");
    }
    return new AutoencoderKlConfig(
        c.positive("sample_size", 512),
        c.positive("in_channels", 3),
        c.positive("out_channels", 3),
        c.positive("latent_channels", 4),
        channels,
        c.positive("layers_per_block", 1),
        groups,
        scaling);
  }

  private static void requireBlocks(ConfigJson c, String key, String type, int levels) {
    List<String> types = c.texts(key);
    if (types.size() != levels || !types.stream().allMatch(type::equals)) {
      throw c.wrong(key, levels + " of " + type);
    }
  }

  /** The number of levels. */
  public int levels() {
    return blockOutChannels.size();
  }

  /** How many pixels, along an axis, one latent stands for. */
  public int scale() {
    return 1 << (levels() - 1);
  }
}
