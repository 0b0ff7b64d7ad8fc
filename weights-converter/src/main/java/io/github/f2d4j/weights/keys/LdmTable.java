package io.github.f2d4j.weights.keys;

import io.github.f2d4j.weights.keys.LdmLayout.VaeAttention;
import io.github.f2d4j.weights.keys.Rename.Form;
import java.util.ArrayList;
import java.util.List;

/**
 * Stable Diffusion 1.x in one file, as the CompVis code saves it, and the same model in diffusers'
 * folders. Names on the left are those of {@code ldm/modules/diffusionmodules/openaimodel.py} and
 * {@code model.py} of <a href="https://github.com/CompVis/stable-diffusion">stable-diffusion</a>.
 */
public final class LdmTable {
  /**
   * One row per module. Counters: {@code {i}} level, {@code {j}} block of a level on the way down,
   * {@code {k}} block of a level on the way up (one more), {@code {in}}, {@code {down}}, {@code
   * {out}} and {@code {end}} the same counted through, {@code {up}} the upsampler's place behind
   * the residual block and the attention, {@code {top}} the level counted from the other end, and
   * {@code {resnet}} each module of a residual block.
   */
  private static final String UNET =
      """
      model.diffusion_model.time_embed.0                   unet/time_embedding.linear_1
      model.diffusion_model.time_embed.2                   unet/time_embedding.linear_2
      model.diffusion_model.input_blocks.0.0               unet/conv_in
      model.diffusion_model.input_blocks.{in}.0.{resnet}   unet/down_blocks.{i}.resnets.{j}.{resnet}
      model.diffusion_model.input_blocks.{in}.1            unet/down_blocks.{i}.attentions.{j}
      model.diffusion_model.input_blocks.{down}.0.op       unet/down_blocks.{i}.downsamplers.0.conv
      model.diffusion_model.middle_block.0.{resnet}        unet/mid_block.resnets.0.{resnet}
      model.diffusion_model.middle_block.1                 unet/mid_block.attentions.0
      model.diffusion_model.middle_block.2.{resnet}        unet/mid_block.resnets.1.{resnet}
      model.diffusion_model.output_blocks.{out}.0.{resnet} unet/up_blocks.{i}.resnets.{k}.{resnet}
      model.diffusion_model.output_blocks.{out}.1          unet/up_blocks.{i}.attentions.{k}
      model.diffusion_model.output_blocks.{end}.{up}.conv  unet/up_blocks.{i}.upsamplers.0.conv
      model.diffusion_model.out.0                          unet/conv_norm_out
      model.diffusion_model.out.2                          unet/conv_out
      """;

  /** The modules of the denoiser's residual block. */
  private static final String RESNET =
      """
      in_layers.0      norm1
      in_layers.2      conv1
      emb_layers.1     time_emb_proj
      out_layers.0     norm2
      out_layers.3     conv2
      skip_connection  conv_shortcut
      """;

  private static final String VAE =
      """
      first_stage_model.quant_conv                       vae/quant_conv
      first_stage_model.post_quant_conv                  vae/post_quant_conv
      first_stage_model.encoder.conv_in                  vae/encoder.conv_in
      first_stage_model.encoder.down.{i}.block.{j}       vae/encoder.down_blocks.{i}.resnets.{j}
      first_stage_model.encoder.down.{i}.block.{j}.nin_shortcut \
        vae/encoder.down_blocks.{i}.resnets.{j}.conv_shortcut
      first_stage_model.encoder.down.{i}.downsample      vae/encoder.down_blocks.{i}.downsamplers.0
      first_stage_model.encoder.mid.block_1              vae/encoder.mid_block.resnets.0
      first_stage_model.encoder.mid.block_2              vae/encoder.mid_block.resnets.1
      first_stage_model.encoder.mid.attn_1.norm          vae/encoder.mid_block.attentions.0.group_norm
      first_stage_model.encoder.mid.attn_1.{attn}        vae/encoder.mid_block.attentions.0.{attn}
      first_stage_model.encoder.norm_out                 vae/encoder.conv_norm_out
      first_stage_model.encoder.conv_out                 vae/encoder.conv_out
      first_stage_model.decoder.conv_in                  vae/decoder.conv_in
      first_stage_model.decoder.mid.block_1              vae/decoder.mid_block.resnets.0
      first_stage_model.decoder.mid.block_2              vae/decoder.mid_block.resnets.1
      first_stage_model.decoder.mid.attn_1.norm          vae/decoder.mid_block.attentions.0.group_norm
      first_stage_model.decoder.mid.attn_1.{attn}        vae/decoder.mid_block.attentions.0.{attn}
      first_stage_model.decoder.up.{top}.block.{k}       vae/decoder.up_blocks.{i}.resnets.{k}
      first_stage_model.decoder.up.{top}.block.{k}.nin_shortcut \
        vae/decoder.up_blocks.{i}.resnets.{k}.conv_shortcut
      first_stage_model.decoder.up.{top}.upsample        vae/decoder.up_blocks.{i}.upsamplers.0
      first_stage_model.decoder.norm_out                 vae/decoder.conv_norm_out
      first_stage_model.decoder.conv_out                 vae/decoder.conv_out
      """;

  private static final String CONVOLUTIONS =
      """
      q         to_q
      k         to_k
      v         to_v
      proj_out  to_out.0
      """;

  private static final String LINEARS =
      """
      to_q      to_q
      to_k      to_k
      to_v      to_v
      to_out.0  to_out.0
      """;

  /** The last three are files of merging tools that lost a level of names. */
  private static final String TEXT_ENCODER =
      """
      cond_stage_model.transformer.text_model.embeddings        text_encoder/text_model.embeddings
      cond_stage_model.transformer.text_model.encoder           text_encoder/text_model.encoder
      cond_stage_model.transformer.text_model.final_layer_norm  text_encoder/text_model.final_layer_norm
      cond_stage_model.transformer.embeddings            text_encoder/text_model.embeddings
      cond_stage_model.transformer.encoder               text_encoder/text_model.encoder
      cond_stage_model.transformer.final_layer_norm      text_encoder/text_model.final_layer_norm
      """;

  private LdmTable() {}

  /** The table for a layout: all of it follows from the rows above. */
  public static RenameTable of(LdmLayout layout) {
    List<Rename> rows = new ArrayList<>();
    for (String line : UNET.lines().toList()) {
      expandLevels(rows, line, layout.unetLevels(), layout.unetLayers(), layout);
    }
    for (String line : VAE.lines().toList()) {
      expandLevels(rows, line, layout.vaeLevels(), layout.vaeLayers(), layout);
    }
    TEXT_ENCODER.lines().map(LdmTable::row).forEach(rows::add);
    return new RenameTable(rows);
  }

  private static void expandLevels(
      List<Rename> rows, String line, int levels, int layers, LdmLayout layout) {
    if (!line.contains("{i}")) {
      expandModules(rows, line, layout);
      return;
    }
    int blocks = line.contains("{k}") ? layers + 1 : line.contains("{j}") ? layers : 1;
    for (int i = 0; i < levels; i++) {
      for (int n = 0; n < blocks; n++) {
        int start = (layers + 1) * i; // blocks and resampler of the levels before
        String up = i < layout.upAttention().size() && layout.upAttention().get(i) ? "2" : "1";
        String numbered =
            line.replace("{i}", Integer.toString(i))
                .replace("{j}", Integer.toString(n))
                .replace("{k}", Integer.toString(n))
                .replace("{in}", Integer.toString(start + 1 + n)) // behind conv_in
                .replace("{down}", Integer.toString(start + 1 + layers))
                .replace("{out}", Integer.toString(start + n))
                .replace("{end}", Integer.toString(start + layers))
                .replace("{up}", up)
                .replace("{top}", Integer.toString(levels - 1 - i));
        expandModules(rows, numbered, layout);
      }
    }
  }

  private static void expandModules(List<Rename> rows, String line, LdmLayout layout) {
    if (line.contains("{resnet}")) {
      RESNET.lines().map(m -> with(line, "{resnet}", m, Form.SAME)).forEach(rows::add);
    } else if (line.contains("{attn}")) {
      boolean linear = layout.attention() == VaeAttention.LINEAR;
      List<Rename> first = attention(line, linear);
      rows.addAll(first);
      rows.addAll(attention(line, !linear));
    } else {
      rows.add(row(line));
    }
  }

  private static List<Rename> attention(String line, boolean linear) {
    Form form = linear ? Form.LINEAR : Form.CONVOLUTION_TO_LINEAR;
    return (linear ? LINEARS : CONVOLUTIONS)
        .lines()
        .map(m -> with(line, "{attn}", m, form))
        .toList();
  }

  private static Rename with(String line, String placeholder, String module, Form form) {
    Rename outer = row(line);
    Rename inner = row(module);
    return new Rename(
        outer.published().replace(placeholder, inner.published()),
        outer.folder().replace(placeholder, inner.folder()),
        form);
  }

  private static Rename row(String line) {
    String[] names = line.strip().split("\\s+", 2);
    return Rename.of(names[0], names[1].strip());
  }
}
