package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.LayerNorm;
import io.github.f2d4j.engine.nn.Weights;

/**
 * Self-attention, attention to the text, feed-forward; each on normalised tokens and added to them.
 * diffusers' {@code attention.py BasicTransformerBlock}.
 */
public final class BasicTransformerBlock extends Layer {
  private static final float EPS = 1e-5f;

  private final LayerNorm norm1; // norm1.{weight,bias} [dim]
  private final SelfAttention attn1; // attn1.*
  private final LayerNorm norm2; // norm2.{weight,bias} [dim]
  private final CrossAttention attn2; // attn2.*
  private final int text; // attn2's number among the layers that read the text
  private final LayerNorm norm3; // norm3.{weight,bias} [dim]
  private final FeedForward ff; // ff.net.*

  /**
   * A block.
   *
   * @param dim width of the tokens
   * @param crossAttentionDim width of the text states
   * @param conditioning where the layer that reads the text is entered
   */
  BasicTransformerBlock(
      Weights w,
      int dim,
      int heads,
      int dimHead,
      int crossAttentionDim,
      Conditioning.Builder conditioning) {
    super(w);
    this.norm1 = new LayerNorm(w.at("norm1"), dim, EPS);
    this.attn1 = new SelfAttention(w.at("attn1"), dim, heads, dimHead);
    this.norm2 = new LayerNorm(w.at("norm2"), dim, EPS);
    this.attn2 = new CrossAttention(w.at("attn2"), dim, crossAttentionDim, heads, dimHead);
    this.text = conditioning.add(attn2);
    this.norm3 = new LayerNorm(w.at("norm3"), dim, EPS);
    this.ff = new FeedForward(w.at("ff"), dim);
  }

  /** h [N,S,dim] → [N,S,dim]. */
  Tensor forward(Tensor h, Conditioning.Step conditions) {
    // 1. Self-attention
    h = attn1.forward(norm1.forward(h)).add(h);
    // 2. Cross-attention
    h = attn2.forward(norm2.forward(h), conditions.text(text)).add(h);
    // 3. Feed-forward
    return observed(ff.forward(norm3.forward(h)).add(h));
  }
}
