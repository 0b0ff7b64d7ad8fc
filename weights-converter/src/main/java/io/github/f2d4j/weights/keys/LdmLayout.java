package io.github.f2d4j.weights.keys;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What the numbers in a single-file checkpoint's names depend on: the original code counts all
 * blocks of a network through, diffusers counts them by level.
 *
 * @param unetLevels levels of the denoiser
 * @param unetLayers residual blocks of each level on the way down
 * @param upAttention for each level on the way up, coarsest first, whether it has attention
 * @param vaeLevels levels of the autoencoder
 * @param vaeLayers residual blocks of each level of its encoder
 * @param attention how the autoencoder's attention is spelled
 */
public record LdmLayout(
    int unetLevels,
    int unetLayers,
    List<Boolean> upAttention,
    int vaeLevels,
    int vaeLayers,
    VaeAttention attention) {

  /** The spellings of the autoencoder's attention in single files. */
  public enum VaeAttention {
    /** {@code q}, {@code k}, {@code v}, {@code proj_out}: 1×1 convolutions, as first published. */
    CONVOLUTION,
    /** {@code to_q}, {@code to_k}, {@code to_v}, {@code to_out.0}: linear layers. */
    LINEAR
  }

  /** Stable Diffusion 1.x as first published. */
  public static final LdmLayout STABLE_DIFFUSION_1 =
      new LdmLayout(4, 2, List.of(false, true, true, true), 4, 2, VaeAttention.CONVOLUTION);

  static final String UNET = "model.diffusion_model.";
  static final String VAE = "first_stage_model.";

  /** Copies the list and checks that it has one value for each level. */
  public LdmLayout {
    upAttention = List.copyOf(upAttention);
    if (upAttention.size() != unetLevels) {
      throw new IllegalArgumentException(
          "attention is given for " + upAttention.size() + " levels of " + unetLevels);
    }
  }

  /** The layout of a single file with these keys; what they do not tell is as in 1.x. */
  public static LdmLayout ofPublished(Set<String> keys) {
    // The first level ends at the first index that holds no residual block but a downsampler.
    int found = count(keys, UNET + "input_blocks.%d.0.in_layers.0.weight", 1);
    boolean known = found > 0;
    int layers = known ? found : STABLE_DIFFUSION_1.unetLayers;
    int total = 1;
    while (keys.contains(UNET + "input_blocks." + total + ".0.in_layers.0.weight")
        || keys.contains(UNET + "input_blocks." + total + ".0.op.weight")) {
      total++;
    }
    // The last level has no downsampler; conv_in stands in for it.
    int levels = known ? total / (layers + 1) : STABLE_DIFFUSION_1.unetLevels;
    List<Boolean> attention = new ArrayList<>();
    for (int i = 0; i < levels; i++) {
      attention.add(
          known
              ? keys.contains(UNET + "output_blocks." + i * (layers + 1) + ".1.proj_in.weight")
              : STABLE_DIFFUSION_1.upAttention.get(i));
    }
    String down = VAE + "encoder.down.%d.block.0.norm1.weight";
    int vaeLevels = count(keys, down, 0);
    int vaeLayers = count(keys, VAE + "encoder.down.0.block.%d.norm1.weight", 0);
    boolean linear = keys.contains(VAE + "encoder.mid.attn_1.to_q.weight");
    return new LdmLayout(
        levels,
        layers,
        attention,
        vaeLevels == 0 ? STABLE_DIFFUSION_1.vaeLevels : vaeLevels,
        vaeLayers == 0 ? STABLE_DIFFUSION_1.vaeLayers : vaeLayers,
        linear ? VaeAttention.LINEAR : VaeAttention.CONVOLUTION);
  }

  /**
   * The layout of a model folder with these keys, each behind its folder as in {@code
   * unet/conv_in.weight}.
   *
   * @param attention the spelling that a single file is to have
   */
  public static LdmLayout ofFolder(Set<String> keys, VaeAttention attention) {
    int levels = count(keys, "unet/down_blocks.%d.resnets.0.norm1.weight", 0);
    int layers = count(keys, "unet/down_blocks.0.resnets.%d.norm1.weight", 0);
    List<Boolean> up = new ArrayList<>();
    for (int i = 0; i < levels; i++) {
      up.add(keys.contains("unet/up_blocks." + i + ".attentions.0.proj_in.weight"));
    }
    return new LdmLayout(
        levels,
        layers,
        up,
        count(keys, "vae/encoder.down_blocks.%d.resnets.0.norm1.weight", 0),
        count(keys, "vae/encoder.down_blocks.0.resnets.%d.norm1.weight", 0),
        attention);
  }

  /** How many keys of a numbered form there are from {@code start} on without a gap. */
  private static int count(Set<String> keys, String form, int start) {
    Predicate<Integer> has = n -> keys.contains(form.formatted(n));
    int n = start;
    while (has.test(n)) {
      n++;
    }
    return n - start;
  }
}
