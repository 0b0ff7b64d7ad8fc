package io.github.f2d4j.model.layout;

import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.nn.WeightsException;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.clip.ClipTextConfig;
import io.github.f2d4j.model.clip.ClipTextEncoder;
import io.github.f2d4j.model.expression.ExpressionConfig;
import io.github.f2d4j.model.expression.ExpressionEncoder;
import io.github.f2d4j.model.identity.IdentityEncoder;
import io.github.f2d4j.model.mapping.MappingConfig;
import io.github.f2d4j.model.mapping.MappingNetwork;
import io.github.f2d4j.model.unet.UNet2DConditionModel;
import io.github.f2d4j.model.unet.UNetConfig;
import io.github.f2d4j.model.vae.AutoencoderKl;
import io.github.f2d4j.model.vae.AutoencoderKlConfig;
import io.github.f2d4j.weights.convert.ConversionException;
import io.github.f2d4j.weights.convert.PartCheck;
import java.util.Map;

/**
 * Checks by keys, shapes and configuration alone that the network of a part of a model folder can
 * be built: each is built without data.
 */
public final class NetworkCheck implements PartCheck {
  private static final String CONFIG = "/config.json";

  @Override
  public void check(String folder, String config, Map<String, TensorType> tensors)
      throws ConversionException {
    try {
      ConfigJson c = ConfigJson.parse(folder + CONFIG, config);
      Weights w = Weights.ofTypes(folder, tensors);
      switch (folder) {
        case "unet" -> new UNet2DConditionModel(w, UNetConfig.of(c));
        case "vae" -> new AutoencoderKl(w, AutoencoderKlConfig.of(c));
        case "text_encoder" -> new ClipTextEncoder(w, ClipTextConfig.of(c));
        case "msid" -> IdentityEncoder.of(c, w);
        case "mapping" -> new MappingNetwork(w, MappingConfig.of(c, w));
        case "expression" -> new ExpressionEncoder(w, ExpressionConfig.of(c, w));
        default -> throw new IllegalArgumentException("there is no part " + folder);
      }
      w.verify();
    } catch (WeightsException | ConfigException e) {
      throw new ConversionException(
          folder
              + " cannot be made of this: "
              + e.getMessage()
              + "\n"
              + "If the model has other dimensions than the published ones, name a folder with its"
              + " config.json files by --layout.",
          e);
    }
  }
}
