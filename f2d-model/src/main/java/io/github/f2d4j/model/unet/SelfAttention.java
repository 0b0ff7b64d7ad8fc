package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.JoinedLinear;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;

/**
 * Multi-head attention of tokens to themselves. diffusers' {@code attention_processor.py Attention}
 * without {@code encoder_hidden_states}. Queries, keys and values come out of one product.
 */
public final class SelfAttention extends Layer {
  private final int heads;
  private final JoinedLinear toQkv; // to_q.weight, to_k.weight, to_v.weight, each [heads·d,dim]
  private final Linear toOut; // to_out.0.{weight [dim,heads·d],bias}

  /**
   * A layer.
   *
   * @param dim width of the tokens
   * @param dimHead width of one head
   */
  public SelfAttention(Weights w, int dim, int heads, int dimHead) {
    super(w);
    int inner = heads * dimHead;
    this.heads = heads;
    this.toQkv =
        new JoinedLinear(
            new Linear(w.at("to_q"), dim, inner, false),
            new Linear(w.at("to_k"), dim, inner, false),
            new Linear(w.at("to_v"), dim, inner, false));
    this.toOut = new Linear(w.at("to_out").at(0), inner, dim);
  }

  /** x [N,S,dim] → the same shape. */
  public Tensor forward(Tensor x) {
    Tensor qkv = toQkv.forward(x); // [N,S,3·heads·d]
    Tensor q = observed("to_q", toQkv.part(qkv, 0)); // [N,S,heads·d]
    Tensor k = observed("to_k", toQkv.part(qkv, 1));
    Tensor v = observed("to_v", toQkv.part(qkv, 2));
    return observed(toOut.forward(q.attention(k, v, heads, false)));
  }
}
