package io.github.f2d4j.model.identity;

import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.checkpoint.Sizes;
import java.util.List;

/**
 * The dimensions of a {@link MultiScaleIResNet}.
 *
 * @param backbone the residual stages
 * @param headLevels the stages that have a head, such as {@code layer1}, in the order in which
 *     their features are joined
 * @param headDim features of each head
 */
public record MultiScaleConfig(IResNetConfig backbone, List<String> headLevels, int headDim) {
  /** Checks that every head has a stage. */
  public MultiScaleConfig {
    headLevels = List.copyOf(headLevels);
    if (headLevels.isEmpty()
        || headLevels.stream().distinct().count() != headLevels.size()
        || !backbone.levels().containsAll(headLevels)) {
      throw new ConfigException(
          "head_levels is "
              + headLevels
              + " but must name one or more different stages of "
              + backbone.levels());
    }
    Sizes.requirePositive("head_dim", headDim);
  }

  /**
   * A published backbone with a head of 384 features on each of the four stages: 1536 features in
   * all, as many as Face2Diffusion's published encoder has.
   */
  public static MultiScaleConfig ofArchitecture(String backbone) {
    IResNetConfig b = IResNetConfig.ofArchitecture(backbone);
    return new MultiScaleConfig(b, b.levels(), 384);
  }

  /**
   * Reads {@code head_levels} and {@code head_dim} and what {@link IResNetConfig#of} reads. What is
   * absent follows from the weights.
   *
   * @throws ConfigException if a value is wrong, or {@code embed_dim} is not the number of heads
   *     times {@code head_dim}
   */
  public static MultiScaleConfig of(ConfigJson config, Weights weights) {
    // Faces are encoded with values in −1..1.
    config.requireNeutral("image_mean", 0.5);
    config.requireNeutral("image_std", 0.5);
    IResNetConfig backbone = IResNetConfig.of(config, weights);
    Weights heads = weights.at("heads");
    List<String> present = backbone.levels().stream().filter(heads::has).toList();
    List<String> levels =
        config.has("head_levels")
            ? config.texts("head_levels")
            : present.isEmpty() ? backbone.levels() : present;
    int dim = heads.extent(levels.getFirst() + ".fc.weight", 0, 384);
    dim = config.positive("head_dim", dim);
    MultiScaleConfig result = new MultiScaleConfig(backbone, levels, dim);
    if (config.positive("embed_dim", result.features()) != result.features()) {
      throw config.wrong(
          "embed_dim", result.features() + ": " + levels.size() + " heads of " + dim + " features");
    }
    return result;
  }

  /** The length of the joined vector. */
  public int features() {
    return headLevels.size() * headDim;
  }
}
