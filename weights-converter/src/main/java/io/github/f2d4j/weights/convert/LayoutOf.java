package io.github.f2d4j.weights.convert;

import io.github.f2d4j.weights.convert.Recognition.Supported;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where the configuration of one checkpoint comes from. */
final class LayoutOf {
  private LayoutOf() {}

  /**
   * What was asked for, then what lies beside the weights, then (for Stable Diffusion, whose parts
   * are of one size) the shared files and the defaults.
   */
  static ModelLayout given(GivenWeights g, ConversionOptions options, ModelLayout shared)
      throws IOException {
    Supported s = g.supported();
    ModelLayout layout = options.layout();
    Path config = g.path().resolve(PlannedPart.CONFIG);
    if (Files.isDirectory(g.path()) && Files.isRegularFile(config)) {
      String folder =
          switch (s.family()) {
            case STABLE_DIFFUSION, UNET -> "unet";
            case VAE, VAE_ORIGINAL -> "vae";
            case TEXT_ENCODER -> "text_encoder";
            case MSID_VIT, IRESNET, IRESNET_MULTISCALE -> "msid";
            case MAPPING -> "mapping";
            case EXPRESSION -> "expression";
          };
      layout =
          layout.or(
              ModelLayout.of(
                  Map.of(folder + "/" + PlannedPart.CONFIG, Files.readAllBytes(config))));
    }
    return switch (s.family()) {
      case STABLE_DIFFUSION, UNET, VAE, VAE_ORIGINAL, TEXT_ENCODER ->
          layout.or(shared).or(options.defaults());
      case MSID_VIT, IRESNET, IRESNET_MULTISCALE, MAPPING, EXPRESSION -> layout;
    };
  }
}
