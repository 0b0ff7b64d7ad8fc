package io.github.f2d4j.peers.onnxruntime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The text encoder and the two identity encoders as ONNX graphs, at their published sizes. */
final class EncoderGraphs {
  private static final int TOKENS = 77;
  private static final int TEXT_LAYERS = 12;
  private static final long HEADS = 12;
  private static final int VIT_BLOCKS = 12;
  private static final Set<Integer> VIT_FEATURES = Set.of(2, 5, 8, 11);
  private static final List<Integer> IRESNET50 = List.of(3, 4, 14, 3);
  private static final float NORM_EPS = 1e-5f;
  private static final float VIT_EPS = 1e-6f;

  private final OnnxLayers w;

  EncoderGraphs(OnnxLayers w) {
    this.w = w;
  }

  /** CLIP ViT-L/14's text model: {@code ids} [2,77] → [2,77,768]. */
  void text() {
    w.graph().integers("ids", 2, TOKENS);
    String model = "text_model.";
    String h =
        w.node(
            "Gather",
            Map.of("axis", 0L),
            w.parameter(model + "embeddings.token_embedding.weight"),
            "ids");
    h = w.add(h, w.parameter(model + "embeddings.position_embedding.weight"));
    String mask = causalMask();
    for (int i = 0; i < TEXT_LAYERS; i++) {
      String layer = model + "encoder.layers." + i;
      String n = w.layerNorm(layer + ".layer_norm1", h, NORM_EPS);
      String q = w.linear(layer + ".self_attn.q_proj", n);
      String k = w.linear(layer + ".self_attn.k_proj", n);
      String v = w.linear(layer + ".self_attn.v_proj", n);
      String a = w.attend(q, k, v, HEADS, mask);
      h = w.add(w.linear(layer + ".self_attn.out_proj", a), h);
      n = w.layerNorm(layer + ".layer_norm2", h, NORM_EPS);
      n = w.quickGelu(w.linear(layer + ".mlp.fc1", n));
      h = w.add(w.linear(layer + ".mlp.fc2", n), h);
    }
    w.graph().output(w.layerNorm(model + "final_layer_norm", h, NORM_EPS), 2, TOKENS, 768);
  }

  /** Added to scores: nothing for a token and those before it, the least number for later ones. */
  private String causalMask() {
    float[] mask = new float[TOKENS * TOKENS];
    for (int query = 0; query < TOKENS; query++) {
      for (int key = query + 1; key < TOKENS; key++) {
        mask[query * TOKENS + key] = -Float.MAX_VALUE;
      }
    }
    return w.constant(mask, 1, 1, TOKENS, TOKENS);
  }

  /** timm's vision transformer with a head at four depths: {@code face} → [1,1536]. */
  void msidVit() {
    w.graph().input("face", 1, 3, 112, 112);
    long width = w.dims("cls_token")[2];
    String h = w.convolve("patch_embed.proj", "face", 8, 0);
    h = w.reshape(w.transpose(h, 0, 2, 3, 1), 0, -1, width);
    h = w.add(w.concat(1, w.parameter("cls_token"), h), w.parameter("pos_embed"));
    List<String> features = new ArrayList<>();
    String first = "first";
    w.graph().constant(first, 0);
    for (int i = 0; i < VIT_BLOCKS; i++) {
      h = vitBlock("blocks." + i, h);
      if (VIT_FEATURES.contains(i)) {
        String norm = "norms.layer_" + i;
        String token = w.reshape(w.node("Gather", Map.of("axis", 1L), h, first), 1, width);
        token = w.batchNorm(norm + ".0", token, NORM_EPS);
        features.add(w.layerNorm(norm + ".1", token, NORM_EPS));
      }
    }
    w.graph().output(w.concat(1, features.toArray(String[]::new)), 1, 4 * width);
  }

  private String vitBlock(String key, String h) {
    String n = w.layerNorm(key + ".norm1", h, VIT_EPS);
    String qkv = w.linear(key + ".attn.qkv", n);
    List<String> parts = w.split(qkv, 3);
    String a = w.attend(parts.get(0), parts.get(1), parts.get(2), HEADS);
    String sum = w.add(w.linear(key + ".attn.proj", a), h);
    String m = w.layerNorm(key + ".norm2", sum, VIT_EPS);
    m = w.gelu(w.linear(key + ".mlp.fc1", m));
    return w.add(w.linear(key + ".mlp.fc2", m), sum);
  }

  /** insightface's iresnet50: {@code face} → [1,512]. */
  void iresnet50() {
    w.graph().input("face", 1, 3, 112, 112);
    String h = w.batchNorm("bn1", w.convolve("conv1", "face", 1, 1), NORM_EPS);
    h = prelu("prelu", h);
    for (int stage = 0; stage < IRESNET50.size(); stage++) {
      for (int i = 0; i < IRESNET50.get(stage); i++) {
        h = basicBlock("layer" + (stage + 1) + "." + i, h, i == 0 ? 2 : 1);
      }
    }
    h = w.reshape(w.batchNorm("bn2", h, NORM_EPS), 0, -1);
    h = w.batchNorm("features", w.linear("fc", h), NORM_EPS);
    w.graph().output(h, 1, 512);
  }

  private String basicBlock(String key, String x, long stride) {
    String h = w.batchNorm(key + ".bn1", x, NORM_EPS);
    h = w.batchNorm(key + ".bn2", w.convolve(key + ".conv1", h, 1, 1), NORM_EPS);
    h = prelu(key + ".prelu", h);
    h = w.batchNorm(key + ".bn3", w.convolve(key + ".conv2", h, stride, 1), NORM_EPS);
    if (!w.has(key + ".downsample.0.weight")) {
      return w.add(h, x);
    }
    String shortcut = w.convolve(key + ".downsample.0", x, stride, 0);
    return w.add(h, w.batchNorm(key + ".downsample.1", shortcut, NORM_EPS));
  }

  private String prelu(String key, String h) {
    long channels = w.dims(key + ".weight")[0];
    return w.node("PRelu", Map.of(), h, w.parameter(key + ".weight", channels, 1, 1));
  }
}
