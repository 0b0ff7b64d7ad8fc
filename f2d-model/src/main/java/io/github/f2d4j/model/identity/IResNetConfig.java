package io.github.f2d4j.model.identity;

import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.checkpoint.Sizes;
import java.util.ArrayList;
import java.util.List;

/**
 * The dimensions of an {@link IResNet} or of the residual part of a {@link MultiScaleIResNet}.
 *
 * @param inputSize height and width of the faces
 * @param stemChannels channels of the first convolution
 * @param channels channels of each stage; upstream calls them planes
 * @param blocks residual blocks of each stage; upstream calls them layers
 * @param strides step of the first block of each stage
 * @param numFeatures length of the final embedding; a multi-scale network has none and ignores it
 * @param batchNormEps added to variances
 */
public record IResNetConfig(
    int inputSize,
    int stemChannels,
    List<Integer> channels,
    List<Integer> blocks,
    List<Integer> strides,
    int numFeatures,
    float batchNormEps) {
  private static final List<Integer> CHANNELS = List.of(64, 128, 256, 512);

  /** Copies the lists and checks that they describe the same stages. */
  public IResNetConfig {
    channels = List.copyOf(channels);
    blocks = List.copyOf(blocks);
    strides = List.copyOf(strides);
    if (channels.isEmpty()
        || channels.size() != blocks.size()
        || channels.size() != strides.size()) {
      throw new ConfigException(
          "an iresnet needs one value per stage, but has channels "
              + channels
              + ", blocks "
              + blocks
              + ", strides "
              + strides);
    }
    Sizes.requirePositive("input_size", inputSize);
    Sizes.requirePositive("stem_channels", stemChannels);
    Sizes.requirePositive("channels", channels);
    Sizes.requirePositive("blocks", blocks);
    Sizes.requirePositive("strides", strides);
    Sizes.requirePositive("num_features", numFeatures);
  }

  /**
   * A published size: {@code iresnet18}, {@code iresnet34}, {@code iresnet50}, {@code iresnet100}
   * or {@code iresnet200}, with 512 features from 112 × 112 pixels.
   *
   * @throws IllegalArgumentException if there is no such size
   */
  public static IResNetConfig ofArchitecture(String name) {
    List<Integer> blocks = blocksOf(name);
    if (blocks.isEmpty()) {
      throw new IllegalArgumentException(
          "no architecture is called "
              + name
              + "; there are iresnet18, iresnet34, iresnet50, iresnet100 and iresnet200");
    }
    return new IResNetConfig(112, 64, CHANNELS, blocks, List.of(2, 2, 2, 2), 512, 1e-5f);
  }

  private static List<Integer> blocksOf(String architecture) {
    return switch (architecture) {
      case "iresnet18" -> List.of(2, 2, 2, 2);
      case "iresnet34" -> List.of(3, 4, 6, 3);
      case "iresnet50" -> List.of(3, 4, 14, 3);
      case "iresnet100" -> List.of(3, 13, 30, 3);
      case "iresnet200" -> List.of(6, 26, 60, 6);
      default -> List.of();
    };
  }

  /**
   * Reads {@code stem_channels}, {@code channels} (or {@code planes}), {@code blocks} (or {@code
   * layers}), {@code strides}, {@code num_features}, {@code input_size} and {@code batch_norm_eps};
   * what is absent follows from the name of a published size in {@code architecture} or {@code
   * backbone}, or else from the shapes of the weights.
   *
   * @throws ConfigException if the number of blocks cannot be told, or a value is wrong
   */
  public static IResNetConfig of(ConfigJson config, Weights weights) {
    List<Integer> blocks = blocksOf(config.text("backbone", config.text("architecture", "")));
    if (blocks.isEmpty()) {
      blocks = countBlocks(weights);
    }
    blocks = list(config, "blocks", list(config, "layers", blocks));
    if (blocks.isEmpty()) {
      throw config.wrong(
          "blocks",
          "the residual blocks of each stage, or the name of a published size such as iresnet50 in"
              + " backbone; the weights hold no layer1.0 to count them by");
    }
    List<Integer> channels = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      int usual = CHANNELS.get(Math.min(i, CHANNELS.size() - 1));
      channels.add(weights.extent(level(i) + ".0.conv1.weight", 0, usual));
    }
    List<Integer> strides = blocks.stream().map(b -> 2).toList();
    strides = list(config, "strides", strides);
    List<Integer> stages = list(config, "channels", list(config, "planes", channels));
    return new IResNetConfig(
        config.positive("input_size", inputSize(weights, stages, strides)),
        config.positive("stem_channels", weights.extent("conv1.weight", 0, 64)),
        stages,
        blocks,
        strides,
        config.positive("num_features", weights.extent("fc.weight", 0, 512)),
        (float) config.number("batch_norm_eps", 1e-5));
  }

  private static List<Integer> list(ConfigJson config, String key, List<Integer> fallback) {
    return config.has(key) ? config.positives(key) : fallback;
  }

  private static List<Integer> countBlocks(Weights weights) {
    List<Integer> blocks = new ArrayList<>();
    for (int stage = 0; weights.at(level(stage)).has("0"); stage++) {
      Weights w = weights.at(level(stage));
      int n = 1;
      while (w.has(Integer.toString(n))) {
        n++;
      }
      blocks.add(n);
    }
    return blocks;
  }

  /** The final layer reads channels × rows × columns values, so it knows the size of the input. */
  private static int inputSize(Weights weights, List<Integer> channels, List<Integer> strides) {
    int columns = weights.extent("fc.weight", 1, 0);
    double side = Math.sqrt((double) columns / channels.getLast());
    int stride = strides.stream().reduce(1, (a, b) -> a * b);
    return columns > 0 && side == Math.rint(side) ? (int) Math.round(side) * stride : 112;
  }

  /** The name of stage {@code index} in checkpoints, from {@code layer1}. */
  static String level(int index) {
    return "layer" + (index + 1);
  }

  /** The names of all stages. */
  List<String> levels() {
    List<String> levels = new ArrayList<>();
    for (int i = 0; i < channels.size(); i++) {
      levels.add(level(i));
    }
    return levels;
  }

  /** Rows, or columns, of the last stage's output for as many of the input. */
  int outputSize(int input) {
    int size = input;
    for (int stride : strides) {
      size = (size - 1) / stride + 1; // 3×3, padding 1
    }
    return size;
  }
}
