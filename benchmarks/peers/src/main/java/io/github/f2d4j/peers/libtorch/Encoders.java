package io.github.f2d4j.peers.libtorch;

import static io.github.f2d4j.peers.libtorch.Tensors.addInPlace;
import static io.github.f2d4j.peers.libtorch.Tensors.then;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The text encoder and the two identity encoders from libtorch's operators, at their published
 * sizes and by their checkpoints' keys.
 */
final class Encoders {
  private static final int TEXT_LAYERS = 12;
  private static final int HEADS = 12;
  private static final int VIT_BLOCKS = 12;
  private static final Set<Integer> VIT_FEATURES = Set.of(2, 5, 8, 11);
  private static final List<Integer> IRESNET50 = List.of(3, 4, 14, 3);
  private static final double NORM_EPS = 1e-5;
  private static final double VIT_EPS = 1e-6;

  private final WeightedLayers w;

  Encoders(WeightedLayers w) {
    this.w = w;
  }

  /** CLIP ViT-L/14's text model: ids [N,T] → [N,T,768]. */
  Tensor text(Tensor ids) {
    String model = "text_model.";
    Tensor h = torch.embedding(w.parameter(model + "embeddings.token_embedding.weight"), ids);
    h.add_(w.parameter(model + "embeddings.position_embedding.weight"));
    for (int i = 0; i < TEXT_LAYERS; i++) {
      String layer = model + "encoder.layers." + i;
      Tensor a;
      try (Tensor x = w.layerNorm(layer + ".layer_norm1", h, NORM_EPS);
          Tensor q = w.linear(layer + ".self_attn.q_proj", x);
          Tensor k = w.linear(layer + ".self_attn.k_proj", x);
          Tensor v = w.linear(layer + ".self_attn.v_proj", x)) {
        a = w.attend(q, k, v, HEADS, true);
      }
      h = addInPlace(then(a, t -> w.linear(layer + ".self_attn.out_proj", t)), h);
      Tensor m = w.layerNorm(layer + ".layer_norm2", h, NORM_EPS);
      m = then(m, t -> w.linear(layer + ".mlp.fc1", t));
      m = then(m, StableDiffusion::quickGelu);
      h = addInPlace(then(m, t -> w.linear(layer + ".mlp.fc2", t)), h);
    }
    return then(h, t -> w.layerNorm(model + "final_layer_norm", t, NORM_EPS));
  }

  /** timm's vision transformer with a head at four depths: faces [N,3,112,112] → [N,1536]. */
  Tensor msidVit(Tensor faces) {
    Tensor h = w.convolve("patch_embed.proj", faces, 8, 0); // [N,384,14,14]
    h = then(then(h, t -> t.permute(0, 2, 3, 1)), t -> t.reshape(t.size(0), -1, t.size(3)));
    try (Tensor cls = w.parameter("cls_token").expand(h.size(0), 1, h.size(2));
        Tensor patches = h;
        TensorVector both = new TensorVector(cls, patches)) {
      h = torch.cat(both, 1);
    }
    h.add_(w.parameter("pos_embed"));
    List<Tensor> features = new ArrayList<>();
    for (int i = 0; i < VIT_BLOCKS; i++) {
      h = vitBlock("blocks." + i, h);
      if (VIT_FEATURES.contains(i)) {
        String norm = "norms.layer_" + i;
        Tensor token = h.select(1, 0);
        token = then(token, t -> w.batchNorm(norm + ".0", t, NORM_EPS));
        features.add(then(token, t -> w.layerNorm(norm + ".1", t, NORM_EPS)));
      }
    }
    h.close();
    try (TensorVector parts = new TensorVector(features.toArray(Tensor[]::new))) {
      return torch.cat(parts, 1);
    } finally {
      features.forEach(Tensor::close);
    }
  }

  /** Takes over {@code h}. */
  private Tensor vitBlock(String key, Tensor h) {
    Tensor a;
    try (Tensor x = w.layerNorm(key + ".norm1", h, VIT_EPS);
        Tensor qkv = w.linear(key + ".attn.qkv", x);
        Tensor q = qkv.narrow(2, 0, x.size(2));
        Tensor k = qkv.narrow(2, x.size(2), x.size(2));
        Tensor v = qkv.narrow(2, 2 * x.size(2), x.size(2))) {
      a = w.attend(q, k, v, HEADS, false);
    }
    h = addInPlace(then(a, t -> w.linear(key + ".attn.proj", t)), h);
    Tensor m = w.layerNorm(key + ".norm2", h, VIT_EPS);
    m = then(m, t -> w.linear(key + ".mlp.fc1", t));
    m = then(m, torch::gelu);
    return addInPlace(then(m, t -> w.linear(key + ".mlp.fc2", t)), h);
  }

  /** insightface's iresnet50: faces [N,3,112,112] → [N,512]. */
  Tensor iresnet50(Tensor faces) {
    Tensor h = w.convolveNorm("conv1", "bn1", faces, 1, 1, NORM_EPS);
    h = prelu("prelu", h);
    for (int stage = 0; stage < IRESNET50.size(); stage++) {
      for (int i = 0; i < IRESNET50.get(stage); i++) {
        String block = "layer" + (stage + 1) + "." + i;
        int stride = i == 0 ? 2 : 1;
        h = then(h, t -> basicBlock(block, t, stride));
      }
    }
    h = then(h, t -> w.batchNorm("bn2", t, NORM_EPS));
    // The rows of fc count channels first.
    h = then(then(h, t -> t.contiguous()), t -> t.reshape(t.size(0), -1));
    h = then(h, t -> w.linear("fc", t));
    return then(h, t -> w.batchNorm("features", t, NORM_EPS));
  }

  private Tensor basicBlock(String key, Tensor x, int stride) {
    Tensor h = w.batchNorm(key + ".bn1", x, NORM_EPS);
    h = then(h, t -> w.convolveNorm(key + ".conv1", key + ".bn2", t, 1, 1, NORM_EPS));
    h = prelu(key + ".prelu", h);
    h = then(h, t -> w.convolveNorm(key + ".conv2", key + ".bn3", t, stride, 1, NORM_EPS));
    if (w.has(key + ".downsample.0.weight")) {
      return addInPlace(
          h, w.convolveNorm(key + ".downsample.0", key + ".downsample.1", x, stride, 0, NORM_EPS));
    }
    h.add_(x);
    return h;
  }

  /** Takes over {@code h}. */
  private Tensor prelu(String key, Tensor h) {
    return then(h, t -> torch.prelu(t, w.parameter(key + ".weight")));
  }
}
