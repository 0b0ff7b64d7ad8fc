package io.github.f2d4j.engine.nn;

import io.github.f2d4j.engine.Tensor;

/** Layer normalisation over the last axis: {@code weight} and {@code bias} [features]. */
public final class LayerNorm extends Layer {
  private final Tensor weight;
  private final Tensor bias;
  private final float eps;

  /** A layer over {@code features} features. */
  public LayerNorm(Weights w, int features, float eps) {
    super(w);
    this.weight = w.get("weight", features);
    this.bias = w.get("bias", features);
    this.eps = eps;
  }

  /** x [...,features] → the same shape. */
  public Tensor forward(Tensor x) {
    return observed(x.layerNorm(weight, bias, eps));
  }
}
