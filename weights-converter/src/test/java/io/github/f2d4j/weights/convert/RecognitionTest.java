package io.github.f2d4j.weights.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.types.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be used is refused by its name, with something to do instead. */
class RecognitionTest {
  private static final String UNET = "model.diffusion_model.";

  @ParameterizedTest
  @CsvSource({
    "conditioner.embedders.1.model.ln_final.weight, 1280, Stable Diffusion XL",
    "add_embedding.linear_1.weight, 1280 2816, Stable Diffusion XL",
    "cond_stage_model.model.ln_final.weight, 1024, Stable Diffusion 2",
    "state_dict.cond_stage_model.model.ln_final.weight, 1024, Stable Diffusion 2",
    "model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight, 8 8, Stable Diffusion 3",
    "double_blocks.0.img_attn.qkv.weight, 8 8, Flux",
    "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight, 320 1024, Stable Diffusion"
        + " 2",
    "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight, 640 2048, Stable Diffusion"
        + " XL",
    "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight, 640 1280, refiner",
    "text_model.embeddings.token_embedding.weight, 49408 1024, Stable Diffusion 2",
    "text_model.embeddings.token_embedding.weight, 49408 1280, second text encoder",
    "model.diffusion_model.input_blocks.0.0.weight, 320 9 3 3, inpainting",
    "conv_in.weight, 320 8 3 3, editing",
    "controlnet_cond_embedding.conv_in.weight, 16 3 3 3, ControlNet",
    "lora_unet_down_blocks_0.lora_down.weight, 4 320, LoRA",
    "unet.down_blocks.0.attn.to_q.lora_A.weight, 4 320, LoRA",
    "string_to_param.*, 1 768, textual inversion",
    "concept_embeds, 17 768, safety checker",
    "net_recon.backbone.fc.weight, 257 2048, use_last_fc"
  })
  void otherFamilies(String key, String dims, String name) {
    int[] extents =
        java.util.stream.Stream.of(dims.split(" ")).mapToInt(Integer::parseInt).toArray();
    Recognition r =
        Recognition.of(
            Map.of(
                key,
                Shape.of(extents),
                UNET + "input_blocks.0.0.bias",
                Shape.of(320),
                "time_embedding.linear_1.weight",
                Shape.of(1280, 320)));
    Recognition.Refused refused = assertInstanceOf(Recognition.Refused.class, r, r.title());
    assertTrue(refused.title().contains(name), refused.title());
    assertTrue(refused.remedy().length() > 20, refused.remedy());
  }

  @Test
  void nothingKnown() {
    assertEquals(new Recognition.Unknown(), Recognition.of(Map.of()));
    assertEquals(
        new Recognition.Unknown(),
        Recognition.of(Map.of("layer1.0.weight", Shape.of(3), "fc.weight", Shape.of(3))));
  }

  /** Some training programs save the network and its running average side by side. */
  @Test
  void theNetworkItselfComesBeforeItsAverage() {
    Map<String, Shape> both =
        Map.of(
            "ema.i2t_first.fc_out.weight", Shape.of(2, 2),
            "ema.null_exp", Shape.of(2),
            "model.i2t_first.fc_out.weight", Shape.of(2, 2),
            "model.null_exp", Shape.of(2));
    assertEquals(new Recognition.Supported(Family.MAPPING, "model."), Recognition.of(both));
  }

  /** A name that merely ends alike is no wrapper. */
  @Test
  void wrappersEndWithADot() {
    Map<String, Shape> alike =
        Map.of("xi2t_first.fc_out.weight", Shape.of(2, 2), "xnull_exp", Shape.of(2));
    assertEquals(new Recognition.Unknown(), Recognition.of(alike));
  }
}
