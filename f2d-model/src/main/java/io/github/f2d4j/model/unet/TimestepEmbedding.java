package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;

/**
 * A two-layer perceptron over the sinusoidal embedding. diffusers' {@code embeddings.py
 * TimestepEmbedding}.
 */
public final class TimestepEmbedding extends Layer {
  private final Linear linear1; // linear_1.{weight [out,in],bias}
  private final Linear linear2; // linear_2.{weight [out,out],bias}

  /** From {@code in} to {@code out} features. */
  public TimestepEmbedding(Weights w, int in, int out) {
    super(w);
    this.linear1 = new Linear(w.at("linear_1"), in, out);
    this.linear2 = new Linear(w.at("linear_2"), out, out);
  }

  /** sample [N,in] → [N,out]. */
  public Tensor forward(Tensor sample) {
    return observed(linear2.forward(linear1.forward(sample).silu()));
  }
}
