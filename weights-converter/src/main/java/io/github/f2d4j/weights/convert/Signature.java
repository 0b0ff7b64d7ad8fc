package io.github.f2d4j.weights.convert;

import io.github.f2d4j.engine.types.Shape;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Keys that only one family has, most telling family first. */
record Signature(Family family, List<String> keys) {
  static final List<Signature> ALL =
      List.of(
          of(Family.STABLE_DIFFUSION, "model.diffusion_model.input_blocks.0.0.weight"),
          of(Family.UNET, "time_embedding.linear_1.weight", "down_blocks.0.resnets.0.norm1.weight"),
          of(Family.VAE, "encoder.down_blocks.0.resnets.0.norm1.weight"),
          of(Family.VAE_ORIGINAL, "encoder.down.0.block.0.norm1.weight"),
          of(Family.TEXT_ENCODER, "text_model.embeddings.token_embedding.weight"),
          of(Family.MSID_VIT, "patch_embed.proj.weight", "pos_embed"),
          of(Family.IRESNET_MULTISCALE, "layer1.0.prelu.weight", "heads.layer1.fc.weight"),
          of(Family.IRESNET_MULTISCALE, "layer1.0.prelu.weight", "heads.layer4.fc.weight"),
          of(Family.IRESNET, "layer1.0.prelu.weight", "fc.weight"),
          of(Family.MAPPING, "i2t_first.fc_out.weight", "null_exp"),
          of(Family.EXPRESSION, "net_recon.final_layers.0.weight"),
          of(Family.EXPRESSION, "final_layers.0.weight", "backbone.conv1.weight"));

  private static Signature of(Family family, String... keys) {
    return new Signature(family, List.of(keys));
  }

  /** What stands before the keys; of several candidates the shortest, running averages last. */
  Optional<String> wrapper(Map<String, Shape> tensors) {
    String first = keys.getFirst();
    Predicate<String> all = w -> keys.stream().allMatch(k -> tensors.containsKey(w + k));
    return tensors.keySet().stream()
        .filter(k -> k.endsWith(first))
        .map(k -> k.substring(0, k.length() - first.length()))
        .filter(w -> w.isEmpty() || w.endsWith("."))
        .filter(all)
        .min(
            Comparator.comparing((String w) -> w.contains("ema"))
                .thenComparingInt(String::length)
                .thenComparing(Comparator.naturalOrder()));
  }
}
