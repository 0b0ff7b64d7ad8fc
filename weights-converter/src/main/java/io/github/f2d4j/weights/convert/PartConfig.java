package io.github.f2d4j.weights.convert;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.convert.PlannedPart.PlannedTensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@code config.json} of a part: the layout's, with what the weights themselves tell. */
final class PartConfig {
  private static final ObjectMapper JSON = new ObjectMapper();

  private PartConfig() {}

  static String of(
      String folder,
      Family family,
      GivenWeights given,
      List<PlannedTensor> tensors,
      ModelLayout layout)
      throws ConversionException {
    Map<String, Shape> shapes = new HashMap<>();
    tensors.forEach(t -> shapes.put(t.key(), t.shape()));
    String path = folder + "/" + PlannedPart.CONFIG;
    Optional<byte[]> file = layout.file(path);
    return switch (family) {
      case STABLE_DIFFUSION -> adapted(folder, object(path, required(path, given, file)), shapes);
      case UNET, VAE, VAE_ORIGINAL, TEXT_ENCODER -> text(required(path, given, file));
      case MSID_VIT -> file.map(PartConfig::text).orElse(architecture("msid_vit"));
      case IRESNET_MULTISCALE ->
          file.map(PartConfig::text).orElse(architecture("iresnet_multiscale"));
      case IRESNET -> file.map(PartConfig::text).orElse(architecture("iresnet"));
      case MAPPING -> file.map(PartConfig::text).orElse(architecture("IMG2TEXTwithEXP"));
      case EXPRESSION -> file.map(PartConfig::text).orElse(architecture("ReconNetWrapper"));
    };
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String architecture(String name) {
    return "{\n  \"architecture\": \"" + name + "\"\n}\n";
  }

  private static byte[] required(String path, GivenWeights given, Optional<byte[]> file)
      throws ConversionException {
    return file.orElseThrow(
        () ->
            new ConversionException(
                "there is no "
                    + path
                    + " for "
                    + given.path()
                    + "; name a folder that holds one with --layout"));
  }

  private static ObjectNode object(String path, byte[] bytes) throws ConversionException {
    try {
      if (JSON.readTree(bytes) instanceof ObjectNode object) {
        return object;
      }
      throw new ConversionException(path + " is no JSON object; fetch the file again");
    } catch (JacksonException e) {
      throw new ConversionException(path + " is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new ConversionException(path + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Fine-tunes in one file add tokens, drop text layers, or make projections linear. */
  private static String adapted(String folder, ObjectNode config, Map<String, Shape> shapes) {
    if (folder.equals("unet")) {
      Shape projection = shapes.get("mid_block.attentions.0.proj_in.weight");
      boolean linear = projection != null && projection.rank() == 2;
      if (linear != config.path("use_linear_projection").asBoolean(false)) {
        config.put("use_linear_projection", linear);
      }
    }
    if (folder.equals("text_encoder")) {
      Shape tokens = shapes.get("text_model.embeddings.token_embedding.weight");
      put(config, "vocab_size", tokens == null ? 0 : tokens.dim(0));
      int layers = 0;
      while (shapes.containsKey(
          "text_model.encoder.layers." + layers + ".self_attn.q_proj.weight")) {
        layers++;
      }
      put(config, "num_hidden_layers", layers);
    }
    return config.toPrettyString() + "\n";
  }

  private static void put(ObjectNode config, String key, int value) {
    JsonNode given = config.get(key);
    if (value > 0 && (given == null || given.asInt() != value)) {
      config.put(key, value);
    }
  }
}
