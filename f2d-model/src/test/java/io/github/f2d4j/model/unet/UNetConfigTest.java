package io.github.f2d4j.model.unet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UNetConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TEXT =
      """
      {"_class_name": "UNet2DConditionModel", "block_out_channels": [16, 32],
       "layers_per_block": 1, "norm_num_groups": 8, "cross_attention_dim": 24,
       "attention_head_dim": 2, "mid_block_type": "UNetMidBlock2DCrossAttn",
       "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
       "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
       "class_embed_type": null, "only_cross_attention": false, "upcast_attention": true}
      """;

  private static UNetConfig with(String key, String value) throws JsonProcessingException {
    ObjectNode json = (ObjectNode) JSON.readTree(TEXT);
    json.set(key, JSON.readTree(value));
    return UNetConfig.of(ConfigJson.of("unet/config.json", json));
  }

  @Test
  void absentKeysHaveDiffusersDefaults() {
    UNetConfig c = UNetConfig.of(ConfigJson.parse("unet/config.json", TEXT));
    assertEquals(4, c.inChannels());
    assertEquals(1e-5f, c.normEps());
    assertEquals(64, c.timeEmbeddingDim());
    assertEquals(List.of(2, 2), c.attentionHeads());
    assertTrue(c.flipSinToCos());
  }

  @Test
  void headsAndLayersMayDifferByLevel() throws JsonProcessingException {
    assertEquals(List.of(2, 4), with("attention_head_dim", "[2, 4]").attentionHeads());
    assertEquals(List.of(1, 3), with("layers_per_block", "[1, 3]").layersPerBlock());
    assertEquals(List.of(8, 8), with("num_attention_heads", "8").attentionHeads());
  }

  @ParameterizedTest
  @CsvSource({
    "_class_name, '\"UNet2DModel\"'",
    "act_fn, '\"mish\"'",
    "addition_embed_type, '\"text\"'",
    "attention_head_dim, '[2, 2, 2]'",
    "attention_head_dim, 17",
    "block_out_channels, '[16, 12]'",
    "class_embed_type, '\"timestep\"'",
    "conv_in_kernel, 4",
    "cross_attention_dim, '[24, 24]'",
    "down_block_types, '[\"CrossAttnDownBlock2D\", \"AttnDownBlock2D\"]'",
    "down_block_types, '[\"DownBlock2D\"]'",
    "downsample_padding, 2",
    "dual_cross_attention, true",
    "mid_block_scale_factor, 2",
    "mid_block_type, null",
    "mid_block_type, '\"UNetMidBlock2DSimpleCrossAttn\"'",
    "only_cross_attention, true",
    "resnet_time_scale_shift, '\"scale_shift\"'",
    "time_embedding_type, '\"fourier\"'",
    "up_block_types, '[\"CrossAttnUpBlock2D\", \"ResnetUpsampleBlock2D\"]'",
  })
  void whatIsNotSupportedIsRefusedByNameAndValue(String key, String value) {
    ConfigException e = assertThrows(ConfigException.class, () -> with(key, value));
    assertTrue(e.getMessage().startsWith("unet/config.json: " + key + " is "), e.getMessage());
    assertTrue(e.getMessage().replace(" ", "").contains(value.replace(" ", "")), e.getMessage());
    assertTrue(e.getMessage().contains("expected "), e.getMessage());
  }

  /** Shapes alone show the way through every kind of configuration, even or odd. */
  @ParameterizedTest
  @CsvSource({
    "layers_per_block, '[1, 3]', 8, 8",
    "use_linear_projection, true, 8, 8",
    "attention_head_dim, '[4, 2]', 7, 9",
    "attention_head_dim, 3, 8, 8",
    "downsample_padding, 0, 8, 8",
    "center_input_sample, true, 5, 1",
    "conv_in_kernel, 5, 8, 8",
    "conv_out_kernel, 1, 8, 8",
    "time_embedding_dim, 40, 8, 8",
    "transformer_layers_per_block, 2, 8, 8",
    "up_block_types, '[\"CrossAttnUpBlock2D\", \"UpBlock2D\"]', 3, 4",
  })
  void everySupportedVariantKeepsTheSize(String key, String value, int height, int width)
      throws JsonProcessingException {
    UNet2DConditionModel unet = new UNet2DConditionModel(Weights.recording(), with(key, value));
    Tensor out =
        unet.forward(
            Tensor.full(0f, 2, height, width, 4), Tensor.full(1f, 2), Tensor.full(0f, 2, 5, 24));
    assertEquals(Shape.of(2, height, width, 4), out.shape());
  }

  @Test
  void misshapenInputsAreRefusedWithAllShapes() {
    UNetConfig c = UNetConfig.of(ConfigJson.parse("unet/config.json", TEXT));
    UNet2DConditionModel unet = new UNet2DConditionModel(Weights.recording(), c);
    Tensor sample = Tensor.full(0f, 2, 8, 8, 4);
    Tensor times = Tensor.full(0f, 2);
    Tensor text = Tensor.full(0f, 2, 5, 24);
    Tensor[][] wrong = {
      {Tensor.full(0f, 2, 4, 8, 8), times, text},
      {sample, Tensor.full(0f, 3), text},
      {sample, times, Tensor.full(0f, 2, 5, 25)},
      {sample, times, Tensor.full(0f, 3, 5, 24)},
    };
    for (Tensor[] w : wrong) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> unet.forward(w[0], w[1], w[2]));
      for (Tensor t : w) {
        assertTrue(e.getMessage().contains(t.type().toString()), e.getMessage());
      }
      assertTrue(e.getMessage().contains("expected [N,H,W,4], [N] or [1], and [N,T,24]"));
    }
  }
}
