package io.github.f2d4j.model.layout;

import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.checkpoint.RandomModel.Component;
import io.github.f2d4j.model.clip.ClipTextConfig;
import io.github.f2d4j.model.clip.ClipTextEncoder;
import io.github.f2d4j.model.text.ClipTokenizerFiles;
import io.github.f2d4j.model.unet.UNet2DConditionModel;
import io.github.f2d4j.model.unet.UNetConfig;
import io.github.f2d4j.model.vae.AutoencoderKl;
import io.github.f2d4j.model.vae.AutoencoderKlConfig;
import io.github.f2d4j.weights.convert.ModelLayout;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Stable Diffusion 1.4 in diffusers' layout (<a
 * href="https://huggingface.co/CompVis/stable-diffusion-v1-4">CompVis/stable-diffusion-v1-4</a>):
 * its published configurations, without weights.
 */
public final class Sd14 {
  private static final String CONFIG = "/config.json";

  private Sd14() {}

  /** The denoiser's configuration. */
  public static UNetConfig unet() {
    return UNetConfig.of(config("unet"));
  }

  /** The autoencoder's configuration. */
  public static AutoencoderKlConfig vae() {
    return AutoencoderKlConfig.of(config("vae"));
  }

  /** The text encoder's configuration. */
  public static ClipTextConfig textEncoder() {
    return ClipTextConfig.of(config("text_encoder"));
  }

  /** The three networks, to be filled with random weights. */
  public static List<Component> components() {
    return List.of(
        unet("unet", text("unet" + CONFIG)),
        vae("vae", text("vae" + CONFIG)),
        textEncoder("text_encoder", text("text_encoder" + CONFIG)));
  }

  /** A denoiser of any configuration in {@code folder}. */
  public static Component unet(String folder, String config) {
    UNetConfig c = UNetConfig.of(ConfigJson.parse(folder + CONFIG, config));
    return new Component(
        folder, "diffusion_pytorch_model.safetensors", config, w -> new UNet2DConditionModel(w, c));
  }

  /** An autoencoder of any configuration in {@code folder}. */
  public static Component vae(String folder, String config) {
    AutoencoderKlConfig c = AutoencoderKlConfig.of(ConfigJson.parse(folder + CONFIG, config));
    return new Component(
        folder, "diffusion_pytorch_model.safetensors", config, w -> new AutoencoderKl(w, c));
  }

  /** A text encoder of any configuration in {@code folder}. */
  public static Component textEncoder(String folder, String config) {
    ClipTextConfig c = ClipTextConfig.of(ConfigJson.parse(folder + CONFIG, config));
    return new Component(folder, "model.safetensors", config, w -> new ClipTextEncoder(w, c));
  }

  /** The small files of the folder by relative path, but the tokenizer's. */
  public static Map<String, byte[]> files() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name : List.of("model_index.json", "scheduler/scheduler_config.json")) {
      files.put(name, text(name).getBytes(StandardCharsets.UTF_8));
    }
    return files;
  }

  /**
   * All small files of the folder, the tokenizer's with them: what a checkpoint in one file lacks.
   */
  public static ModelLayout layout() {
    Map<String, byte[]> all = new LinkedHashMap<>(files());
    for (String part : List.of("unet", "vae", "text_encoder")) {
      all.put(part + CONFIG, text(part + CONFIG).getBytes(StandardCharsets.UTF_8));
    }
    ClipTokenizerFiles.all().forEach((name, bytes) -> all.put("tokenizer/" + name, bytes));
    return ModelLayout.of(all);
  }

  private static ConfigJson config(String folder) {
    return ConfigJson.parse("Stable Diffusion 1.4 " + folder + CONFIG, text(folder + CONFIG));
  }

  private static String text(String name) {
    try (InputStream in = Sd14.class.getResourceAsStream("sd14/" + name)) {
      if (in == null) {
        throw new IllegalStateException("resource sd14/" + name + " is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
