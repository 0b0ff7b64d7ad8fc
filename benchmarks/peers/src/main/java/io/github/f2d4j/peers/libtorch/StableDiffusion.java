package io.github.f2d4j.peers.libtorch;

import static io.github.f2d4j.peers.libtorch.Tensors.addInPlace;
import static io.github.f2d4j.peers.libtorch.Tensors.then;

import io.github.f2d4j.benchmarks.compare.Values;
import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Stable Diffusion 1.x's denoiser and image decoder from libtorch's operators, by the keys of
 * diffusers' checkpoints. A method frees what it is told to take over, never its other arguments.
 */
final class StableDiffusion {
  private static final int LEVELS = 4;
  private static final int HEADS = 8;
  private static final int TIME_CHANNELS = 320;
  private static final double UNET_EPS = 1e-5;
  private static final double EPS = 1e-6;

  private final WeightedLayers w;

  StableDiffusion(WeightedLayers w) {
    this.w = w;
  }

  /** sample [N,4,H,W] channels last, text [N,T,768] → [N,4,H,W]. */
  Tensor denoise(Tensor sample, float[] timesteps, Tensor text) {
    try (Tensor temb = silu(timeEmbedding(timesteps))) {
      Tensor h = w.convolve("conv_in", sample, 1, 1);
      Deque<Tensor> skips = new ArrayDeque<>();
      skips.push(h);
      for (int level = 0; level < LEVELS; level++) {
        String block = "down_blocks." + level;
        for (int i = 0; i < 2; i++) {
          h = resnet(block + ".resnets." + i, h, temb);
          if (level < LEVELS - 1) {
            h = transformer(block + ".attentions." + i, h, text);
          }
          skips.push(h);
        }
        if (level < LEVELS - 1) {
          h = w.convolve(block + ".downsamplers.0.conv", h, 2, 1);
          skips.push(h);
        }
      }
      h = resnet("mid_block.resnets.0", h, temb);
      h = transformer("mid_block.attentions.0", h, text);
      h = then(h, t -> resnet("mid_block.resnets.1", t, temb));
      for (int block = 0; block < LEVELS; block++) {
        h = up("up_blocks." + block, block, h, temb, text, skips);
      }
      h = then(h, t -> w.groupNormSilu("conv_norm_out", t, UNET_EPS));
      return then(h, t -> w.convolve("conv_out", t, 1, 1));
    }
  }

  /** Takes over {@code h} and as many skips as it has residual blocks. */
  private Tensor up(
      String block, int index, Tensor h, Tensor temb, Tensor text, Deque<Tensor> skips) {
    for (int i = 0; i < 3; i++) {
      String resnet = block + ".resnets." + i;
      Tensor joined = concat(h, skips.pop());
      h = then(joined, t -> resnet(resnet, t, temb));
      if (index > 0) {
        h = transformer(block + ".attentions." + i, h, text);
      }
    }
    return index < LEVELS - 1 ? upsample(block + ".upsamplers.0.conv", h) : h;
  }

  /** latent [1,4,H,W] channels last → [1,3,8H,8W]. */
  Tensor decode(Tensor latent) {
    Tensor h = w.convolve("post_quant_conv", latent, 1, 0);
    h = then(h, t -> w.convolve("decoder.conv_in", t, 1, 1));
    h = then(h, t -> resnet("decoder.mid_block.resnets.0", t, null));
    h = then(h, t -> selfAttention("decoder.mid_block.attentions.0", t));
    h = then(h, t -> resnet("decoder.mid_block.resnets.1", t, null));
    for (int block = 0; block < LEVELS; block++) {
      String key = "decoder.up_blocks." + block;
      for (int i = 0; i < 3; i++) {
        String resnet = key + ".resnets." + i;
        h = then(h, t -> resnet(resnet, t, null));
      }
      if (block < LEVELS - 1) {
        h = upsample(key + ".upsamplers.0.conv", h);
      }
    }
    h = then(h, t -> w.groupNormSilu("decoder.conv_norm_out", t, EPS));
    return then(h, t -> w.convolve("decoder.conv_out", t, 1, 1));
  }

  /** [N,1280]. */
  private Tensor timeEmbedding(float[] timesteps) {
    float[] values = Values.sinusoids(timesteps, TIME_CHANNELS);
    Tensor t = Tensors.of(values, w.type(), timesteps.length, TIME_CHANNELS);
    t = silu(then(t, u -> w.linear("time_embedding.linear_1", u)));
    return then(t, u -> w.linear("time_embedding.linear_2", u));
  }

  private static Tensor silu(Tensor t) {
    torch.silu_(t);
    return t;
  }

  /** x [N,C,H,W] → [N,C',H,W]; {@code temb} is after SiLU. */
  private Tensor resnet(String key, Tensor x, @Nullable Tensor temb) {
    double eps = temb == null ? EPS : UNET_EPS;
    Tensor h = w.groupNormSilu(key + ".norm1", x, eps);
    h = then(h, t -> w.convolve(key + ".conv1", t, 1, 1));
    if (temb != null) {
      Tensor t = w.linear(key + ".time_emb_proj", temb);
      h = addInPlace(h, then(t, u -> u.view(u.size(0), u.size(1), 1, 1)));
    }
    h = then(h, t -> w.groupNormSilu(key + ".norm2", t, eps));
    h = then(h, t -> w.convolve(key + ".conv2", t, 1, 1));
    if (w.has(key + ".conv_shortcut.weight")) {
      return addInPlace(h, w.convolve(key + ".conv_shortcut", x, 1, 0));
    }
    h.add_(x);
    return h;
  }

  /** Takes over {@code x}. */
  private Tensor transformer(String key, Tensor x, Tensor text) {
    try (x) {
      long n = x.size(0);
      long c = x.size(1);
      long height = x.size(2);
      long width = x.size(3);
      Tensor h = w.groupNorm(key + ".norm", x, EPS);
      h = tokens(h);
      h = then(h, t -> w.linear(key + ".proj_in", t));
      h = block(key + ".transformer_blocks.0", h, text);
      h = then(h, t -> w.linear(key + ".proj_out", t));
      h = then(h, t -> t.view(n, height, width, c));
      h = then(h, t -> t.permute(0, 3, 1, 2));
      h.add_(x);
      return h;
    }
  }

  /** [N,C,H,W] channels last → [N,HW,C] over the same memory; takes over {@code h}. */
  private static Tensor tokens(Tensor h) {
    long n = h.size(0);
    long c = h.size(1);
    return then(then(h, t -> t.permute(0, 2, 3, 1)), t -> t.reshape(n, -1, c));
  }

  /** Takes over {@code h} [N,S,C]. */
  private Tensor block(String key, Tensor h, Tensor text) {
    Tensor a;
    try (Tensor x = w.layerNorm(key + ".norm1", h, 1e-5)) {
      a = attention(key + ".attn1", x, x);
    }
    h = addInPlace(a, h);
    try (Tensor x = w.layerNorm(key + ".norm2", h, 1e-5)) {
      a = attention(key + ".attn2", x, text);
    }
    h = addInPlace(a, h);
    Tensor f = w.layerNorm(key + ".norm3", h, 1e-5);
    f = then(f, t -> w.linear(key + ".ff.net.0.proj", t));
    f = then(f, StableDiffusion::geglu);
    f = then(f, t -> w.linear(key + ".ff.net.2", t));
    return addInPlace(f, h);
  }

  private Tensor attention(String key, Tensor x, Tensor context) {
    try (Tensor q = w.linear(key + ".to_q", x);
        Tensor k = w.linear(key + ".to_k", context);
        Tensor v = w.linear(key + ".to_v", context);
        Tensor a = w.attend(q, k, v, HEADS, false)) {
      return w.linear(key + ".to_out.0", a);
    }
  }

  private static Tensor geglu(Tensor t) {
    long half = t.size(2) / 2;
    try (Tensor value = t.narrow(2, 0, half);
        Tensor gate = t.narrow(2, half, half)) {
      Tensor g = torch.gelu(gate);
      g.mul_(value);
      return g;
    }
  }

  /** The decoder's attention: one head, projections called by their newer or older names. */
  private Tensor selfAttention(String key, Tensor x) {
    long n = x.size(0);
    long c = x.size(1);
    long height = x.size(2);
    long width = x.size(3);
    Tensor h = tokens(w.groupNorm(key + ".group_norm", x, EPS));
    Tensor a;
    try (h;
        Tensor q = w.linear(key + name(key, ".to_q", ".query"), h);
        Tensor k = w.linear(key + name(key, ".to_k", ".key"), h);
        Tensor v = w.linear(key + name(key, ".to_v", ".value"), h)) {
      a = w.attend(q, k, v, 1, false);
    }
    a = then(a, t -> w.linear(key + name(key, ".to_out.0", ".proj_attn"), t));
    a = then(a, t -> t.view(n, height, width, c));
    a = then(a, t -> t.permute(0, 3, 1, 2));
    a.add_(x);
    return a;
  }

  private String name(String key, String newer, String older) {
    return w.has(key + newer + ".weight") ? newer : older;
  }

  /** Takes over {@code h}. */
  private Tensor upsample(String key, Tensor h) {
    long[] size = {2 * h.size(2), 2 * h.size(3)};
    return then(then(h, t -> torch.upsample_nearest2d(t, size)), t -> w.convolve(key, t, 1, 1));
  }

  /** Takes over both. */
  private static Tensor concat(Tensor a, Tensor b) {
    try (a;
        b;
        TensorVector both = new TensorVector(a, b)) {
      return torch.cat(both, 1);
    }
  }

  /** x·σ(1.702x). */
  static Tensor quickGelu(Tensor x) {
    try (Scalar slope = new Scalar(1.702)) {
      Tensor gate = x.mul(slope);
      gate.sigmoid_();
      gate.mul_(x);
      return gate;
    }
  }
}
