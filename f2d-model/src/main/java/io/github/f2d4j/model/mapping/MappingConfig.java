package io.github.f2d4j.model.mapping;

import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.checkpoint.Sizes;
import java.util.List;

/**
 * The dimensions of a {@link MappingNetwork}; the names are upstream's.
 *
 * @param embedDim length of an identity vector
 * @param middleDim hidden width
 * @param outputDim width of the text encoder
 * @param layers hidden layers of each of the two MLPs, at least 1 ({@code n_layer})
 * @param dropout probability with which training drops a hidden value
 * @param expDim number of expression coefficients
 * @param leakyReluSlope slope of the activation below 0
 * @param expressionNames what the first coefficients mean; empty if the checkpoint does not say
 */
public record MappingConfig(
    int embedDim,
    int middleDim,
    int outputDim,
    int layers,
    float dropout,
    int expDim,
    float leakyReluSlope,
    List<String> expressionNames) {
  /** The published network: 1536 identity features, 64 expression coefficients, 768-wide words. */
  public static final MappingConfig PUBLISHED =
      new MappingConfig(1536, 1536, 768, 2, 0.1f, 64, 0.2f, List.of());

  /** Checks that names and coefficients fit. */
  public MappingConfig {
    expressionNames = List.copyOf(expressionNames);
    Sizes.requirePositive("embed_dim", embedDim);
    Sizes.requirePositive("middle_dim", middleDim);
    Sizes.requirePositive("output_dim", outputDim);
    Sizes.requirePositive("n_layer", layers);
    Sizes.requirePositive("exp_dim", expDim);
    if (expressionNames.size() > expDim) {
      throw new ConfigException(
          "\"expression\" names " + expressionNames.size() + " coefficients of only " + expDim);
    }
  }

  /**
   * Reads {@code embed_dim}, {@code middle_dim}, {@code output_dim}, {@code n_layer}, {@code
   * dropout}, {@code exp_dim}, {@code leaky_relu_slope} (or {@code negative_slope}) and {@code
   * expression}. What is absent follows from the weights.
   *
   * @throws ConfigException if a value is wrong or this is no such network
   */
  public static MappingConfig of(ConfigJson config, Weights weights) {
    config.requireNeutral("architecture", "IMG2TEXTwithEXP");
    Weights first = weights.at("i2t_first");
    int exp = config.positive("exp_dim", weights.extent("null_exp", 0, PUBLISHED.expDim));
    String in = "layers.0.0.weight";
    int input = first.extent(in, 1, PUBLISHED.embedDim + exp);
    if (!config.has("embed_dim") && input <= exp) {
      throw new ConfigException(
          "i2t_first."
              + in
              + " reads "
              + input
              + " values, which is no more than the "
              + exp
              + " expression coefficients: this is not a mapping network with an expression input");
    }
    int count = 0;
    while (first.at("layers").has(Integer.toString(count))) {
      count++;
    }
    return new MappingConfig(
        config.positive("embed_dim", input - exp),
        config.positive("middle_dim", first.extent(in, 0, PUBLISHED.middleDim)),
        config.positive("output_dim", first.extent("fc_out.weight", 0, PUBLISHED.outputDim)),
        config.positive("n_layer", count == 0 ? PUBLISHED.layers : count),
        (float) config.number("dropout", PUBLISHED.dropout),
        exp,
        (float)
            config.number(
                "leaky_relu_slope", config.number("negative_slope", PUBLISHED.leakyReluSlope)),
        config.has("expression") ? config.texts("expression") : List.of());
  }
}
