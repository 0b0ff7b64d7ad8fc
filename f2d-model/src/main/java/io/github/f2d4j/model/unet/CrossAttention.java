package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.JoinedLinear;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;

/**
 * Multi-head attention of tokens to the text. diffusers' {@code attention_processor.py Attention}
 * with {@code encoder_hidden_states}. The text's keys and values do not depend on the tokens, so
 * they are computed apart and kept for all steps.
 */
public final class CrossAttention extends Layer {
  private final int heads;
  private final Linear toQ; // to_q.weight [heads·d,query]
  private final JoinedLinear toKv; // to_k.weight, to_v.weight, each [heads·d,context]
  private final Linear toOut; // to_out.0.{weight [query,heads·d],bias}

  /**
   * A layer.
   *
   * @param query width of the tokens
   * @param context width of the text states
   * @param dimHead width of one head
   */
  public CrossAttention(Weights w, int query, int context, int heads, int dimHead) {
    super(w);
    int inner = heads * dimHead;
    this.heads = heads;
    this.toQ = new Linear(w.at("to_q"), query, inner, false);
    this.toKv =
        new JoinedLinear(
            new Linear(w.at("to_k"), context, inner, false),
            new Linear(w.at("to_v"), context, inner, false));
    this.toOut = new Linear(w.at("to_out").at(0), inner, query);
  }

  /** Keys and values of a text: [g,T,context] → [g,T,2·heads·d]. */
  public Tensor keysValues(Tensor text) {
    Tensor kv = toKv.forward(text);
    observed("to_k", toKv.part(kv, 0));
    observed("to_v", toKv.part(kv, 1));
    return kv;
  }

  /**
   * x [N,S,query] → [N,S,query].
   *
   * @param keysValues of g texts [g,T,2·heads·d], each for N/g neighbouring items of x
   */
  public Tensor forward(Tensor x, Tensor keysValues) {
    Tensor q = toQ.forward(x); // [N,S,heads·d]
    Tensor k = toKv.part(keysValues, 0); // [g,T,heads·d]
    Tensor v = toKv.part(keysValues, 1);
    return observed(toOut.forward(q.attention(k, v, heads, false)));
  }
}
