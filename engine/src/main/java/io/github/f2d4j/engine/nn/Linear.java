package io.github.f2d4j.engine.nn;

import io.github.f2d4j.engine.Tensor;
import org.jspecify.annotations.Nullable;

/** y = x·Wᵀ + b: {@code weight} [out,in], {@code bias} [out]. */
public final class Linear extends Layer {
  private final Tensor weight;
  private final @Nullable Tensor bias;

  /** With a bias. */
  public Linear(Weights w, int in, int out) {
    this(w, in, out, true);
  }

  /** With or without a bias. */
  public Linear(Weights w, int in, int out, boolean bias) {
    super(w);
    this.weight = w.get("weight", out, in);
    this.bias = bias ? w.get("bias", out) : null;
  }

  /** x [...,in] → [...,out]. */
  public Tensor forward(Tensor x) {
    return observed(x.linear(weight, bias));
  }

  /** The weight [out,in]. */
  public Tensor weight() {
    return weight;
  }

  /** The bias [out], or null. */
  public @Nullable Tensor bias() {
    return bias;
  }
}
