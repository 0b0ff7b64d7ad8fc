package io.github.f2d4j.model.expression;

import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.checkpoint.Sizes;
import java.util.ArrayList;
import java.util.List;

/**
 * The dimensions of an {@link ExpressionEncoder}.
 *
 * @param stemChannels channels of the first convolution
 * @param planes inner width of the bottlenecks of each stage
 * @param layers bottlenecks of each stage
 * @param expansion output width of a bottleneck over its inner width
 * @param heads coefficients of each 1×1 head, in the order of the result
 * @param expStart index of the first expression coefficient
 * @param expEnd index after the last one
 */
public record ExpressionConfig(
    int stemChannels,
    List<Integer> planes,
    List<Integer> layers,
    int expansion,
    List<Integer> heads,
    int expStart,
    int expEnd) {
  /**
   * The published network: ResNet-50; 80 identity, 64 expression and 80 texture coefficients, 3
   * angles, 27 of the light, 2 of the position in the picture and 1 of the distance.
   */
  public static final ExpressionConfig PUBLISHED =
      new ExpressionConfig(
          64,
          List.of(64, 128, 256, 512),
          List.of(3, 4, 6, 3),
          4,
          List.of(80, 64, 80, 3, 27, 2, 1),
          80,
          144);

  /** Copies the lists and checks that all values fit together. */
  public ExpressionConfig {
    planes = List.copyOf(planes);
    layers = List.copyOf(layers);
    heads = List.copyOf(heads);
    if (planes.isEmpty() || planes.size() != layers.size() || heads.isEmpty()) {
      throw new ConfigException(
          "the expression encoder needs one value per stage and at least one head, but has planes "
              + planes
              + ", layers "
              + layers
              + ", heads "
              + heads);
    }
    Sizes.requirePositive("stem_channels", stemChannels);
    Sizes.requirePositive("planes", planes);
    Sizes.requirePositive("layers", layers);
    Sizes.requirePositive("expansion", expansion);
    Sizes.requirePositive("final_layers", heads);
    long all = heads.stream().mapToLong(Integer::longValue).sum();
    if (all > Integer.MAX_VALUE) {
      throw new ConfigException("final_layers " + heads + " has more coefficients than 2^31-1");
    }
    if (expStart < 0 || expEnd <= expStart || expEnd > all) {
      throw new ConfigException(
          "the expression slice ["
              + expStart
              + ","
              + expEnd
              + ") must lie inside the "
              + all
              + " coefficients");
    }
  }

  /**
   * Reads {@code stem_channels}, {@code planes}, {@code layers}, {@code expansion}, {@code
   * final_layers} and {@code exp_slice}. What is absent follows from the weights.
   *
   * @throws ConfigException if a value is wrong, or the network ends in a single {@code fc} ({@code
   *     use_last_fc})
   */
  public static ExpressionConfig of(ConfigJson config, Weights weights) {
    if (config.flag("use_last_fc", weights.has("backbone.fc"))) {
      throw new ConfigException(
          config.name()
              + ": this face reconstruction network ends in one fc layer (use_last_fc); only the"
              + " published form with final_layers.0 to .6 is supported");
    }
    Weights backbone = weights.at("backbone");
    List<Integer> planes = new ArrayList<>();
    List<Integer> layers = new ArrayList<>();
    for (int i = 1; backbone.has("layer" + i); i++) {
      Weights stage = backbone.at("layer" + i);
      planes.add(stage.extent("0.conv1.weight", 0, 64));
      int count = 0;
      while (stage.has(Integer.toString(count))) {
        count++;
      }
      layers.add(count);
    }
    List<Integer> heads = new ArrayList<>();
    while (weights.has("final_layers." + heads.size())) {
      heads.add(weights.extent("final_layers." + heads.size() + ".weight", 0, 1));
    }
    heads = list(config, "final_layers", heads, PUBLISHED.heads);
    planes = list(config, "planes", planes, PUBLISHED.planes);
    layers = list(config, "layers", layers, PUBLISHED.layers);
    Sizes.requirePositive("planes", planes);
    int wide = backbone.extent("layer1.0.conv3.weight", 0, planes.getFirst() * PUBLISHED.expansion);
    List<Integer> slice = config.has("exp_slice") ? config.integers("exp_slice") : slice(heads);
    if (slice.size() != 2) {
      throw config.wrong("exp_slice", "the first index and the index after the last one");
    }
    return new ExpressionConfig(
        config.positive("stem_channels", backbone.extent("conv1.weight", 0, 64)),
        planes,
        layers,
        config.positive("expansion", Math.max(1, wide / planes.getFirst())),
        heads,
        slice.getFirst(),
        slice.getLast());
  }

  private static List<Integer> list(
      ConfigJson config, String key, List<Integer> derived, List<Integer> published) {
    if (config.has(key)) {
      return config.positives(key);
    }
    return derived.isEmpty() ? published : derived;
  }

  /** The expression is the second head. */
  private static List<Integer> slice(List<Integer> heads) {
    int start = heads.getFirst();
    return List.of(start, start + (heads.size() > 1 ? heads.get(1) : 0));
  }

  /** The number of all coefficients. */
  public int coefficients() {
    return heads.stream().mapToInt(Integer::intValue).sum();
  }

  /** The number of expression coefficients. */
  public int features() {
    return expEnd - expStart;
  }
}
