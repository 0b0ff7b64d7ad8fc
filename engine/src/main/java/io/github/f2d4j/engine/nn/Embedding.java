package io.github.f2d4j.engine.nn;

import io.github.f2d4j.engine.Tensor;

/** A table of vectors: {@code weight} [count,features]. */
public final class Embedding extends Layer {
  private final Tensor weight;

  /** A table of {@code count} vectors of {@code features} elements. */
  public Embedding(Weights w, int count, int features) {
    super(w);
    this.weight = w.get("weight", count, features);
  }

  /** ids I64 [...] → [...,features]. */
  public Tensor forward(Tensor ids) {
    return observed(weight.gather(ids));
  }
}
