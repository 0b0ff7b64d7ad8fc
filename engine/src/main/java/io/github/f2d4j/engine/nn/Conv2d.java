package io.github.f2d4j.engine.nn;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import org.jspecify.annotations.Nullable;

/** Cross-correlation of NHWC images: {@code weight} [out,in,k,k], {@code bias} [out]. */
public final class Conv2d extends Layer {
  private final Tensor weight;
  private final @Nullable Tensor bias;
  private final Window window;

  /** Stride 1 and as much padding as keeps the size (odd kernels). */
  public Conv2d(Weights w, int in, int out, int kernel) {
    this(w, in, out, kernel, Window.of(1, kernel / 2));
  }

  /** With a bias. */
  public Conv2d(Weights w, int in, int out, int kernel, Window window) {
    this(w, in, out, kernel, window, true);
  }

  /** With or without a bias. */
  public Conv2d(Weights w, int in, int out, int kernel, Window window, boolean bias) {
    super(w);
    this.weight = w.get("weight", out, in, kernel, kernel);
    this.bias = bias ? w.get("bias", out) : null;
    this.window = window;
  }

  /** x [N,H,W,in] → [N,H',W',out]. */
  public Tensor forward(Tensor x) {
    return observed(x.conv2d(weight, bias, window));
  }

  /**
   * As {@link #forward(Tensor)} with another bias: F32 [out], or null for none. No observer sees
   * the result, which is not this layer's output.
   */
  public Tensor forward(Tensor x, @Nullable Tensor otherBias) {
    return x.conv2d(weight, otherBias, window);
  }

  /** The bias [out]. */
  public @Nullable Tensor bias() {
    return bias;
  }
}
