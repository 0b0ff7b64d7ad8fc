package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;

/**
 * Multi-head attention of tokens to a context: themselves, or the text. diffusers' {@code
 * attention_processor.py Attention} (called {@code CrossAttention} before 0.15).
 */
public final class CrossAttention extends Layer {
  private final int heads;
  private final Linear toQ; // to_q.weight [heads·d,query]
  private final Linear toK; // to_k.weight [heads·d,context]
  private final Linear toV; // to_v.weight [heads·d,context]
  private final Linear toOut; // to_out.0.{weight [query,heads·d],bias}

  /**
   * A layer.
   *
   * @param query width of the tokens
   * @param context width of the context
   * @param dimHead width of one head
   */
  public CrossAttention(Weights w, int query, int context, int heads, int dimHead) {
    super(w);
    int inner = heads * dimHead;
    this.heads = heads;
    this.toQ = new Linear(w.at("to_q"), query, inner, false);
    this.toK = new Linear(w.at("to_k"), context, inner, false);
    this.toV = new Linear(w.at("to_v"), context, inner, false);
    this.toOut = new Linear(w.at("to_out").at(0), inner, query);
  }

  /** x [N,S,query], context [N,T,context] → [N,S,query]. */
  public Tensor forward(Tensor x, Tensor context) {
    Tensor q = toQ.forward(x); // [N,S,heads·d]
    Tensor k = toK.forward(context); // [N,T,heads·d]
    Tensor v = toV.forward(context); // [N,T,heads·d]
    return observed(toOut.forward(q.attention(k, v, heads, false)));
  }
}
