package io.github.f2d4j.weights.keys;

import io.github.f2d4j.weights.keys.Rename.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The tables of the families whose names do not depend on a layout. */
public final class FamilyTables {
  private FamilyTables() {}

  /**
   * Face2Diffusion's identity encoder {@code msid.pt}: {@code src/msid.py} of <a
   * href="https://github.com/mapooon/Face2Diffusion">Face2Diffusion</a>.
   */
  public static final RenameTable MSID_VIT =
      kept("cls_token", "pos_embed", "patch_embed", "blocks", "norms", "norm");

  /** Face2Diffusion's mapping network {@code mapping.pt}: {@code src/modules.py}. */
  public static final RenameTable MAPPING = kept("null_exp", "i2t_first", "i2t_last");

  /**
   * An ArcFace residual network: {@code recognition/arcface_torch/backbones/iresnet.py} of <a
   * href="https://github.com/deepinsight/insightface">insightface</a>; {@code heads} are those of a
   * multi-scale encoder.
   */
  public static final RenameTable IRESNET =
      kept(
          "conv1",
          "bn1",
          "prelu",
          "layer1",
          "layer2",
          "layer3",
          "layer4",
          "bn2",
          "fc",
          "features",
          "heads");

  /**
   * Deep3DFaceRecon's {@code epoch_20.pth}: {@code models/networks.py ReconNetWrapper} of <a
   * href="https://github.com/sicxu/Deep3DFaceRecon_pytorch">Deep3DFaceRecon_pytorch</a>. The file
   * also holds the optimizer, which has no row; the second pair of rows is for a file that holds
   * the network alone.
   */
  public static final RenameTable EXPRESSION =
      new RenameTable(
          List.of(
              Rename.of("net_recon.backbone", "backbone"),
              Rename.of("net_recon.final_layers", "final_layers"),
              Rename.of("backbone", "backbone"),
              Rename.of("final_layers", "final_layers")));

  /**
   * diffusers' autoencoder. Folders saved before 0.15 spell the attention {@code query}, {@code
   * key}, {@code value}, {@code proj_attn}, and some that were made from a single file keep it as
   * 1×1 convolutions; here it has the present names and shapes.
   */
  public static final RenameTable VAE = vae();

  /** diffusers' denoiser, whose names have not changed. */
  public static final RenameTable UNET = new RenameTable(List.of(Rename.of("", "")));

  /** transformers' text encoder. */
  public static final RenameTable TEXT_ENCODER = kept("text_model");

  private static RenameTable kept(String... modules) {
    return new RenameTable(Stream.of(modules).map(m -> Rename.of(m, m)).toList());
  }

  private static RenameTable vae() {
    List<Rename> rows = new ArrayList<>();
    List<String> now = List.of("to_q", "to_k", "to_v", "to_out.0");
    List<String> before = List.of("query", "key", "value", "proj_attn");
    for (String half : List.of("encoder", "decoder")) {
      String attention = half + ".mid_block.attentions.0.";
      for (List<String> names : List.of(now, before)) {
        for (int i = 0; i < now.size(); i++) {
          rows.add(new Rename(attention + names.get(i), attention + now.get(i), Form.LINEAR));
        }
      }
    }
    for (String module : List.of("encoder", "decoder", "quant_conv", "post_quant_conv")) {
      rows.add(Rename.of(module, module));
    }
    return new RenameTable(rows);
  }
}
