package io.github.f2d4j.model.clip;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.JoinedLinear;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.LayerNorm;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;

/** Causal self-attention, then a perceptron. transformers' {@code CLIPEncoderLayer}. */
final class ClipEncoderLayer extends Layer {
  private final LayerNorm layerNorm1; // layer_norm1.{weight,bias} [C]
  private final SelfAttention selfAttn; // self_attn.*
  private final LayerNorm layerNorm2; // layer_norm2.{weight,bias} [C]
  private final Mlp mlp; // mlp.*

  /** transformers' {@code CLIPAttention} with a causal mask. */
  private static final class SelfAttention extends Layer {
    private final int heads;
    private final JoinedLinear qkv; // q_proj, k_proj, v_proj.{weight [C,C],bias}
    private final Linear outProj; // out_proj.{weight [C,C],bias}

    SelfAttention(Weights w, int width, int heads) {
      super(w);
      this.heads = heads;
      this.qkv =
          new JoinedLinear(
              new Linear(w.at("q_proj"), width, width),
              new Linear(w.at("k_proj"), width, width),
              new Linear(w.at("v_proj"), width, width));
      this.outProj = new Linear(w.at("out_proj"), width, width);
    }

    /** x [N,S,C] → the same shape. */
    Tensor forward(Tensor x) {
      Tensor all = qkv.forward(x); // [N,S,3C]
      Tensor k = qkv.part(all, 1);
      Tensor v = qkv.part(all, 2);
      return observed(outProj.forward(qkv.part(all, 0).attention(k, v, heads, true)));
    }
  }

  /** transformers' {@code CLIPMLP}. */
  private static final class Mlp extends Layer {
    private final Linear fc1; // fc1.{weight [4C,C],bias}
    private final Linear fc2; // fc2.{weight [C,4C],bias}
    private final boolean quick;

    Mlp(Weights w, ClipTextConfig config) {
      super(w);
      this.fc1 = new Linear(w.at("fc1"), config.hiddenSize(), config.intermediateSize());
      this.fc2 = new Linear(w.at("fc2"), config.intermediateSize(), config.hiddenSize());
      this.quick = config.hiddenAct().equals(ClipTextConfig.QUICK_GELU);
    }

    /** x [N,S,C] → the same shape. */
    Tensor forward(Tensor x) {
      Tensor h = fc1.forward(x);
      return observed(fc2.forward(quick ? h.quickGelu() : h.gelu()));
    }
  }

  ClipEncoderLayer(Weights w, ClipTextConfig config) {
    super(w);
    int width = config.hiddenSize();
    float eps = config.layerNormEps();
    this.layerNorm1 = new LayerNorm(w.at("layer_norm1"), width, eps);
    this.selfAttn = new SelfAttention(w.at("self_attn"), width, config.numAttentionHeads());
    this.layerNorm2 = new LayerNorm(w.at("layer_norm2"), width, eps);
    this.mlp = new Mlp(w.at("mlp"), config);
  }

  /** h [N,S,C] → the same shape. */
  Tensor forward(Tensor h) {
    h = selfAttn.forward(layerNorm1.forward(h)).add(h);
    return observed(mlp.forward(layerNorm2.forward(h)).add(h));
  }
}
