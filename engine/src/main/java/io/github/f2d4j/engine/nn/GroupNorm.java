package io.github.f2d4j.engine.nn;

import io.github.f2d4j.engine.Tensor;

/** Group normalisation of NHWC images: {@code weight} and {@code bias} [channels]. */
public final class GroupNorm extends Layer {
  private final Tensor weight;
  private final Tensor bias;
  private final int groups;
  private final float eps;

  /** A layer of {@code groups} groups over {@code channels} channels. */
  public GroupNorm(Weights w, int groups, int channels, float eps) {
    super(w);
    this.weight = w.get("weight", channels);
    this.bias = w.get("bias", channels);
    this.groups = groups;
    this.eps = eps;
  }

  /** x [N,...,channels] → the same shape. */
  public Tensor forward(Tensor x) {
    return observed(x.groupNorm(groups, weight, bias, eps));
  }
}
