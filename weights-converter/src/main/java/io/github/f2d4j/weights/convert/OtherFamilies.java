package io.github.f2d4j.weights.convert;

import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.convert.Recognition.Refused;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checkpoints that are met often and cannot be part of a Face2Diffusion model, by name. */
final class OtherFamilies {
  private static final String TAKE_SD1 =
      "take Stable Diffusion 1.x, such as CompVis/stable-diffusion-v1-4, or a model fine-tuned from"
          + " it";
  private static final String NO_ADD_ON =
      "it changes a model and is none: merge it into a Stable Diffusion 1.x model first, then"
          + " convert that";

  private record Mark(Pattern key, String title, String remedy) {}

  /** Keys that only that family has. */
  private static final List<Mark> MARKS =
      List.of(
          mark("conditioner\\.embedders\\..*", "Stable Diffusion XL in one file", TAKE_SD1),
          mark("add_embedding\\.linear_1\\.weight", "the Stable Diffusion XL denoiser", TAKE_SD1),
          mark("cond_stage_model\\.model\\..*", "Stable Diffusion 2.x in one file", TAKE_SD1),
          mark("(.*\\.)?joint_blocks\\.\\d+\\..*", "Stable Diffusion 3", TAKE_SD1),
          mark("(.*\\.)?double_blocks\\.\\d+\\..*", "Flux", TAKE_SD1),
          mark(
              "(.*\\.)?transformer_blocks\\.0\\.norm1_context\\..*",
              "a diffusion transformer",
              TAKE_SD1),
          mark("(control_model|controlnet_cond_embedding)\\..*", "a ControlNet", NO_ADD_ON),
          mark(
              "(lora_(unet|te)_.*|.*\\.lora_(A|B|up|down)\\..*|.*\\.lora\\.(up|down)\\..*)",
              "a LoRA",
              NO_ADD_ON),
          mark("(string_to_param\\..*|emb_params)", "a textual inversion", NO_ADD_ON),
          mark(
              "concept_embeds",
              "a safety checker",
              "a model folder has no place for one; leave it out"),
          mark(
              "net_recon\\.backbone\\.fc\\.weight",
              "Deep3DFaceRecon with one last layer (use_last_fc)",
              "take the published form, which has final_layers.0 to .6"));

  private OtherFamilies() {}

  private static Mark mark(String key, String title, String remedy) {
    return new Mark(Pattern.compile("(state_dict\\.)?(" + key + ")"), title, remedy);
  }

  static Optional<Refused> find(Map<String, Shape> tensors) {
    for (Mark mark : MARKS) {
      if (tensors.keySet().stream().anyMatch(k -> mark.key.matcher(k).matches())) {
        return Optional.of(new Refused(mark.title, mark.remedy));
      }
    }
    return byShape(tensors);
  }

  /** The parts of other versions have the same names and other widths. */
  private static Optional<Refused> byShape(Map<String, Shape> tensors) {
    for (Map.Entry<String, Shape> e : tensors.entrySet()) {
      Refused refused = byShape(e.getKey(), e.getValue());
      if (refused != null) {
        return Optional.of(refused);
      }
    }
    return Optional.empty();
  }

  private static @Nullable Refused byShape(String key, Shape shape) {
    if (key.endsWith("transformer_blocks.0.attn2.to_k.weight") && shape.rank() == 2) {
      return switch (shape.dim(1)) {
        case 1024 -> new Refused("a Stable Diffusion 2.x denoiser (text states of 1024)", TAKE_SD1);
        case 2048 -> new Refused("a Stable Diffusion XL denoiser (text states of 2048)", TAKE_SD1);
        case 1280 -> new Refused("a Stable Diffusion XL refiner (text states of 1280)", TAKE_SD1);
        default -> null;
      };
    }
    if (key.endsWith("text_model.embeddings.token_embedding.weight") && shape.rank() == 2) {
      return switch (shape.dim(1)) {
        case 1024 -> new Refused("the text encoder of Stable Diffusion 2.x", TAKE_SD1);
        case 1280 -> new Refused("the second text encoder of Stable Diffusion XL", TAKE_SD1);
        default -> null;
      };
    }
    boolean first =
        key.endsWith("diffusion_model.input_blocks.0.0.weight") || key.equals("conv_in.weight");
    if (first && shape.rank() == 4) {
      return switch (shape.dim(1)) {
        case 9 -> new Refused("a model for inpainting (its denoiser reads 9 channels)", TAKE_SD1);
        case 8 -> new Refused("a model for editing (its denoiser reads 8 channels)", TAKE_SD1);
        case 7 -> new Refused("an upscaler (its denoiser reads 7 channels)", TAKE_SD1);
        default -> null;
      };
    }
    return null;
  }
}
