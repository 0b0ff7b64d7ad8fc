package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;

/**
 * GEGLU, then a linear layer back. diffusers' {@code attention.py FeedForward} with {@code
 * activation_fn="geglu"} and {@code mult=4}.
 */
public final class FeedForward extends Layer {
  private static final int MULT = 4;

  private final Geglu geglu; // net.0.proj.{weight [8·dim,dim],bias}
  private final Linear out; // net.2.{weight [dim,4·dim],bias}

  /** "GLU variants improve transformer" (arXiv 2002.05202): h·gelu(gate), the gate comes second. */
  private static final class Geglu extends Layer {
    private final Linear proj; // proj.{weight [2·out,in],bias}

    Geglu(Weights w, int in, int out) {
      super(w);
      this.proj = new Linear(w.at("proj"), in, 2 * out);
    }

    /** x [...,in] → [...,out]. */
    Tensor forward(Tensor x) {
      return observed(proj.forward(x).geglu());
    }
  }

  /** A layer over {@code dim} features. */
  public FeedForward(Weights w, int dim) {
    super(w);
    Weights net = w.at("net");
    this.geglu = new Geglu(net.at(0), dim, MULT * dim);
    this.out = new Linear(net.at(2), MULT * dim, dim); // net.1 is dropout
  }

  /** x [...,dim] → the same shape. */
  public Tensor forward(Tensor x) {
    return observed(out.forward(geglu.forward(x)));
  }
}
