package io.github.f2d4j.peers.onnxruntime;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stable Diffusion 1.x's denoiser and image decoder as ONNX graphs, by the keys of diffusers'
 * checkpoints; images are NCHW.
 */
final class DiffusionGraphs {
  private static final int LEVELS = 4;
  private static final long HEADS = 8;
  private static final float UNET_EPS = 1e-5f;
  private static final float EPS = 1e-6f;

  private final OnnxLayers w;

  DiffusionGraphs(OnnxLayers w) {
    this.w = w;
  }

  /** Inputs {@code sample} [2,4,64,64], {@code time} [2,320] sinusoids, {@code text} [2,77,768]. */
  void denoiser() {
    w.graph().input("sample", 2, 4, 64, 64).input("time", 2, 320).input("text", 2, 77, 768);
    String temb = w.silu(w.linear("time_embedding.linear_1", "time"));
    temb = w.silu(w.linear("time_embedding.linear_2", temb));
    String h = w.convolve("conv_in", "sample", 1, 1);
    Deque<String> skips = new ArrayDeque<>();
    skips.push(h);
    for (int level = 0; level < LEVELS; level++) {
      String block = "down_blocks." + level;
      for (int i = 0; i < 2; i++) {
        h = resnet(block + ".resnets." + i, h, temb);
        if (level < LEVELS - 1) {
          h = transformer(block + ".attentions." + i, h);
        }
        skips.push(h);
      }
      if (level < LEVELS - 1) {
        h = w.convolve(block + ".downsamplers.0.conv", h, 2, 1);
        skips.push(h);
      }
    }
    h = resnet("mid_block.resnets.0", h, temb);
    h = transformer("mid_block.attentions.0", h);
    h = resnet("mid_block.resnets.1", h, temb);
    for (int level = 0; level < LEVELS; level++) {
      String block = "up_blocks." + level;
      for (int i = 0; i < 3; i++) {
        h = resnet(block + ".resnets." + i, w.concat(1, h, skips.pop()), temb);
        if (level > 0) {
          h = transformer(block + ".attentions." + i, h);
        }
      }
      if (level < LEVELS - 1) {
        h = w.convolve(block + ".upsamplers.0.conv", w.upsample(h), 1, 1);
      }
    }
    h = w.silu(w.groupNorm("conv_norm_out", h, UNET_EPS));
    w.graph().output(w.convolve("conv_out", h, 1, 1), 2, 4, 64, 64);
  }

  /** Input {@code latent} [1,4,64,64]; the picture is [1,3,512,512]. */
  void decoder() {
    w.graph().input("latent", 1, 4, 64, 64);
    String h = w.convolve("post_quant_conv", "latent", 1, 0);
    h = w.convolve("decoder.conv_in", h, 1, 1);
    h = resnet("decoder.mid_block.resnets.0", h, null);
    h = selfAttention("decoder.mid_block.attentions.0", h);
    h = resnet("decoder.mid_block.resnets.1", h, null);
    for (int level = 0; level < LEVELS; level++) {
      String block = "decoder.up_blocks." + level;
      for (int i = 0; i < 3; i++) {
        h = resnet(block + ".resnets." + i, h, null);
      }
      if (level < LEVELS - 1) {
        h = w.convolve(block + ".upsamplers.0.conv", w.upsample(h), 1, 1);
      }
    }
    h = w.silu(w.groupNorm("decoder.conv_norm_out", h, EPS));
    w.graph().output(w.convolve("decoder.conv_out", h, 1, 1), 1, 3, 512, 512);
  }

  private String resnet(String key, String x, @Nullable String temb) {
    float eps = temb == null ? EPS : UNET_EPS;
    String h = w.silu(w.groupNorm(key + ".norm1", x, eps));
    h = w.convolve(key + ".conv1", h, 1, 1);
    if (temb != null) {
      long channels = w.dims(key + ".time_emb_proj.bias")[0];
      h = w.add(h, w.reshape(w.linear(key + ".time_emb_proj", temb), 0, channels, 1, 1));
    }
    h = w.silu(w.groupNorm(key + ".norm2", h, eps));
    h = w.convolve(key + ".conv2", h, 1, 1);
    return w.add(
        h, w.has(key + ".conv_shortcut.weight") ? w.convolve(key + ".conv_shortcut", x, 1, 0) : x);
  }

  private String transformer(String key, String x) {
    long channels = w.dims(key + ".norm.weight")[0];
    String pixels = w.transpose(w.groupNorm(key + ".norm", x, EPS), 0, 2, 3, 1);
    String h = w.linear(key + ".proj_in", w.reshape(pixels, 0, -1, channels));
    String block = key + ".transformer_blocks.0";
    String n = w.layerNorm(block + ".norm1", h, UNET_EPS);
    h = w.add(attention(block + ".attn1", n, n), h);
    n = w.layerNorm(block + ".norm2", h, UNET_EPS);
    h = w.add(attention(block + ".attn2", n, "text"), h);
    n = w.layerNorm(block + ".norm3", h, UNET_EPS);
    List<String> gated = w.split(w.linear(block + ".ff.net.0.proj", n), 2);
    String f = w.multiply(gated.getFirst(), w.gelu(gated.getLast()));
    h = w.add(w.linear(block + ".ff.net.2", f), h);
    h = w.reshapeLike(w.linear(key + ".proj_out", h), pixels);
    return w.add(w.transpose(h, 0, 3, 1, 2), x);
  }

  private String attention(String key, String x, String context) {
    String q = w.linear(key + ".to_q", x);
    String k = w.linear(key + ".to_k", context);
    String v = w.linear(key + ".to_v", context);
    return w.linear(key + ".to_out.0", w.attend(q, k, v, HEADS));
  }

  /** One head; projections by their newer or older names. */
  private String selfAttention(String key, String x) {
    boolean newer = w.has(key + ".to_q.weight");
    long channels = w.dims(key + ".group_norm.weight")[0];
    String pixels = w.transpose(w.groupNorm(key + ".group_norm", x, EPS), 0, 2, 3, 1);
    String h = w.reshape(pixels, 0, -1, channels);
    String q = w.linear(key + (newer ? ".to_q" : ".query"), h);
    String k = w.linear(key + (newer ? ".to_k" : ".key"), h);
    String v = w.linear(key + (newer ? ".to_v" : ".value"), h);
    h = w.linear(key + (newer ? ".to_out.0" : ".proj_attn"), w.attend(q, k, v, 1));
    return w.add(w.transpose(w.reshapeLike(h, pixels), 0, 3, 1, 2), x);
  }
}
