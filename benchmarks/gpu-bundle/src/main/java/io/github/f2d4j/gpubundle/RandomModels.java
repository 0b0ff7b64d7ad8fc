package io.github.f2d4j.gpubundle;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.model.checkpoint.RandomModel;
import io.github.f2d4j.model.checkpoint.RandomModel.Component;
import io.github.f2d4j.model.cli.F2d;
import io.github.f2d4j.model.identity.MsidViT;
import io.github.f2d4j.model.identity.MsidVitConfig;
import io.github.f2d4j.model.layout.Sd14;
import io.github.f2d4j.model.mapping.MappingConfig;
import io.github.f2d4j.model.mapping.MappingNetwork;
import io.github.f2d4j.model.text.ClipTokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Models with random weights, each written once for all steps of a run. */
final class RandomModels {
  /**
   * Everything as in Stable Diffusion 1.4 that inputs and other parts see, and little behind it.
   */
  private static final String UNET =
      """
      {"sample_size": 64, "in_channels": 4, "out_channels": 4, "center_input_sample": false,
       "flip_sin_to_cos": true, "freq_shift": 0,
       "down_block_types": ["DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"],
       "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"],
       "block_out_channels": [8, 8, 40], "layers_per_block": 1, "downsample_padding": 1,
       "mid_block_scale_factor": 1, "act_fn": "silu", "norm_num_groups": 8, "norm_eps": 1e-05,
       "cross_attention_dim": 768, "attention_head_dim": 1}
      """;

  private static final String VAE =
      """
      {"act_fn": "silu", "block_out_channels": [4, 4, 4, 4],
       "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D",
                            "DownEncoderBlock2D"],
       "in_channels": 3, "latent_channels": 4, "layers_per_block": 1, "norm_num_groups": 2,
       "out_channels": 3, "sample_size": 512, "scaling_factor": 0.18215,
       "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D",
                          "UpDecoderBlock2D"]}
      """;

  private static final String TEXT_ENCODER =
      """
      {"architectures": ["CLIPTextModel"], "bos_token_id": 0, "eos_token_id": 2,
       "hidden_act": "quick_gelu", "hidden_size": 768, "intermediate_size": 64,
       "layer_norm_eps": 1e-05, "max_position_embeddings": 77, "model_type": "clip_text_model",
       "num_attention_heads": 12, "num_hidden_layers": 1, "pad_token_id": 1, "vocab_size": 49408}
      """;

  private static final MsidVitConfig MSID =
      new MsidVitConfig(112, 8, 384, 4, 12, 64, true, 1e-6f, List.of(0, 1, 2, 3));
  private static final MappingConfig MAPPING =
      new MappingConfig(1536, 64, 768, 1, 0.1f, 64, 0.2f, List.of());

  private RandomModels() {}

  /** The folder of a model of that size. */
  static Path of(Scale scale) throws IOException, InterruptedException {
    Path folder =
        Path.of(System.getProperty("java.io.tmpdir", ""), "random-model-" + scale.argument());
    if (Files.exists(folder)) {
      return folder;
    }
    Path unfinished = folder.resolveSibling("unfinished-" + ProcessHandle.current().pid());
    if (scale == Scale.FULL) {
      writeFull(unfinished);
    } else {
      writeTiny(unfinished);
    }
    return Files.move(unfinished, folder);
  }

  /** In a process of its own, whose memory goes with it. */
  private static void writeFull(Path folder) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-Djava.io.tmpdir=" + folder.getParent(),
                "-cp",
                System.getProperty("java.class.path", ""),
                F2d.class.getName(),
                "make-random-model",
                "--output",
                folder.toString())
            .inheritIO()
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("no random model could be written; see this step's log");
    }
  }

  private static void writeTiny(Path folder) throws IOException {
    List<Component> components = new ArrayList<>();
    components.add(Sd14.unet("unet", UNET));
    components.add(Sd14.vae("vae", VAE));
    components.add(Sd14.textEncoder("text_encoder", TEXT_ENCODER));
    components.add(
        new Component(
            "msid",
            "model.safetensors",
            "{\"architecture\": \"msid_vit\"}\n",
            w -> new MsidViT(w, MSID)));
    components.add(
        new Component(
            "mapping",
            "model.safetensors",
            "{\"architecture\": \"IMG2TEXTwithEXP\"}\n",
            w -> new MappingNetwork(w, MAPPING)));
    Map<String, byte[]> files = new LinkedHashMap<>(Sd14.files());
    ClipTokenizerFiles.all().forEach((name, bytes) -> files.put("tokenizer/" + name, bytes));
    RandomModel.write(folder, components, files, DType.F16, 0, _ -> {});
  }
}
