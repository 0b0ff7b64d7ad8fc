package io.github.f2d4j.model.identity;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.LayerNorm;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;

/** A pre-norm transformer block with timm's keys. */
final class VitBlock extends Layer {
  private final LayerNorm norm1;
  private final Attention attn;
  private final LayerNorm norm2;
  private final Mlp mlp;

  VitBlock(Weights w, MsidVitConfig config) {
    super(w);
    norm1 = new LayerNorm(w.at("norm1"), config.embedDim(), config.normEps());
    attn = new Attention(w.at("attn"), config);
    norm2 = new LayerNorm(w.at("norm2"), config.embedDim(), config.normEps());
    mlp = new Mlp(w.at("mlp"), config);
  }

  /** x [N,T,D] → [N,T,D]. */
  Tensor forward(Tensor x) {
    Tensor h = x.add(attn.forward(norm1.forward(x)));
    return observed(h.add(mlp.forward(norm2.forward(h))));
  }

  private static final class Attention extends Layer {
    private final int heads;
    private final Linear qkv;
    private final Linear proj;

    Attention(Weights w, MsidVitConfig config) {
      super(w);
      int width = config.embedDim();
      heads = config.numHeads();
      qkv = new Linear(w.at("qkv"), width, 3 * width, config.qkvBias());
      proj = new Linear(w.at("proj"), width, width);
    }

    Tensor forward(Tensor x) {
      Tensor all = qkv.forward(x); // [N,T,3·D]: queries, keys, values
      int width = x.dim(2);
      Tensor q = all.slice(2, 0, width);
      Tensor k = all.slice(2, width, 2 * width);
      Tensor v = all.slice(2, 2 * width, 3 * width);
      return observed(proj.forward(q.attention(k, v, heads, false)));
    }
  }

  private static final class Mlp extends Layer {
    private final Linear fc1;
    private final Linear fc2;

    Mlp(Weights w, MsidVitConfig config) {
      super(w);
      fc1 = new Linear(w.at("fc1"), config.embedDim(), config.mlpDim());
      fc2 = new Linear(w.at("fc2"), config.mlpDim(), config.embedDim());
    }

    Tensor forward(Tensor x) {
      return observed(fc2.forward(fc1.forward(x).gelu()));
    }
  }
}
