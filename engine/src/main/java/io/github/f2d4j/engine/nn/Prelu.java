package io.github.f2d4j.engine.nn;

import io.github.f2d4j.engine.Tensor;

/** x where x ≥ 0, slope·x elsewhere, one slope a channel: {@code weight} [channels]. */
public final class Prelu extends Layer {
  private final Tensor weight;

  /** A layer over {@code channels} channels. */
  public Prelu(Weights w, int channels) {
    super(w);
    this.weight = w.get("weight", channels);
  }

  /** x [...,channels] → the same shape. */
  public Tensor forward(Tensor x) {
    return observed(x.prelu(weight));
  }
}
