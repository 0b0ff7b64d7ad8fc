package io.github.f2d4j.model.identity;

import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.checkpoint.Sizes;
import java.util.ArrayList;
import java.util.List;

/**
 * The dimensions of an {@link MsidViT}; the names are timm's and, for {@code ext_depthes},
 * upstream's.
 *
 * @param imgSize height and width of the faces
 * @param patchSize height and width of a patch
 * @param embedDim width of a token
 * @param depth number of blocks
 * @param numHeads attention heads
 * @param mlpDim hidden width of a block's MLP
 * @param qkvBias whether queries, keys and values have a bias
 * @param normEps added to variances by the blocks' layer normalisations
 * @param extDepthes the blocks, from 0, whose class token becomes part of the identity; ascending
 */
public record MsidVitConfig(
    int imgSize,
    int patchSize,
    int embedDim,
    int depth,
    int numHeads,
    int mlpDim,
    boolean qkvBias,
    float normEps,
    List<Integer> extDepthes) {
  /** The published encoder, {@code msid_base_patch8_112}: 4 × 384 features. */
  public static final MsidVitConfig PUBLISHED =
      new MsidVitConfig(112, 8, 384, 12, 12, 1536, true, 1e-6f, List.of(2, 5, 8, 11));

  /** Sorts the depths and checks that all values fit together. */
  public MsidVitConfig {
    Sizes.requirePositive("img_size", imgSize);
    Sizes.requirePositive("patch_size", patchSize);
    Sizes.requirePositive("embed_dim", embedDim);
    Sizes.requirePositive("depth", depth);
    Sizes.requirePositive("num_heads", numHeads);
    Sizes.requirePositive("mlp_ratio × embed_dim", mlpDim);
    extDepthes = extDepthes.stream().distinct().sorted().toList();
    if (imgSize % patchSize != 0) {
      throw new ConfigException(
          "img_size " + imgSize + " must be a multiple of patch_size " + patchSize);
    }
    if (embedDim % numHeads != 0) {
      throw new ConfigException(
          "embed_dim " + embedDim + " must be a multiple of num_heads " + numHeads);
    }
    if (extDepthes.isEmpty() || extDepthes.getFirst() < 0 || extDepthes.getLast() >= depth) {
      throw new ConfigException(
          "ext_depthes is " + extDepthes + " but must name blocks from 0 to " + (depth - 1));
    }
  }

  /**
   * Reads {@code img_size}, {@code patch_size}, {@code embed_dim}, {@code depth}, {@code
   * num_heads}, {@code mlp_ratio}, {@code qkv_bias}, {@code norm_eps} and {@code ext_depthes}. What
   * is absent follows from the weights; only the number of heads leaves no trace in them, so
   * without {@code num_heads} a network must be as wide as the published one.
   *
   * @throws ConfigException if a value is wrong or the number of heads is unknown
   */
  public static MsidVitConfig of(ConfigJson config, Weights weights) {
    String projection = "patch_embed.proj.weight";
    int patch = config.positive("patch_size", weights.extent(projection, 2, PUBLISHED.patchSize));
    int width = config.positive("embed_dim", weights.extent(projection, 0, PUBLISHED.embedDim));
    int hidden =
        config.has("mlp_ratio")
            ? (int) (width * config.number("mlp_ratio", 4))
            : weights.extent("blocks.0.mlp.fc1.weight", 0, 4 * width);
    if (!config.has("num_heads") && width != PUBLISHED.embedDim) {
      throw config.wrong(
          "num_heads",
          "the number of attention heads: the weights do not tell it, and it is known ("
              + PUBLISHED.numHeads
              + ") only for the published width "
              + PUBLISHED.embedDim
              + ", not for "
              + width);
    }
    int depth = config.positive("depth", countBlocks(weights));
    return new MsidVitConfig(
        config.positive("img_size", imageSize(weights, patch)),
        patch,
        width,
        depth,
        config.positive("num_heads", PUBLISHED.numHeads),
        hidden,
        config.flag(
            "qkv_bias", !weights.has("blocks.0.attn.qkv") || weights.has("blocks.0.attn.qkv.bias")),
        (float) config.number("norm_eps", PUBLISHED.normEps),
        config.has("ext_depthes") ? config.integers("ext_depthes") : depths(weights, depth));
  }

  private static int countBlocks(Weights weights) {
    Weights blocks = weights.at("blocks");
    int n = 0;
    while (blocks.has(Integer.toString(n))) {
      n++;
    }
    return n == 0 ? PUBLISHED.depth : n;
  }

  private static int imageSize(Weights weights, int patch) {
    int tokens = weights.extent("pos_embed", 1, PUBLISHED.tokens());
    return (int) Math.round(Math.sqrt(tokens - 1)) * patch;
  }

  private static List<Integer> depths(Weights weights, int depth) {
    List<Integer> depths = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      if (weights.at("norms").has("layer_" + i)) {
        depths.add(i);
      }
    }
    return depths.isEmpty() ? PUBLISHED.extDepthes : depths;
  }

  /** The length of the joined vector. */
  public int features() {
    return extDepthes.size() * embedDim;
  }

  /** The number of patches and the class token. */
  int tokens() {
    return (imgSize / patchSize) * (imgSize / patchSize) + 1;
  }
}
