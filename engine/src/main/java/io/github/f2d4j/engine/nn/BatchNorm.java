package io.github.f2d4j.engine.nn;

import io.github.f2d4j.engine.Tensor;

/**
 * Batch normalisation over the last axis with stored statistics: {@code weight}, {@code bias},
 * {@code running_mean}, {@code running_var} [features]. PyTorch's BatchNorm1d and, on NHWC images,
 * BatchNorm2d in evaluation mode; the counter {@code num_batches_tracked} is not read.
 */
public final class BatchNorm extends Layer {
  private final Tensor weight;
  private final Tensor bias;
  private final Tensor runningMean;
  private final Tensor runningVar;
  private final float eps;

  /** A layer over {@code features} features. */
  public BatchNorm(Weights w, int features, float eps) {
    super(w);
    this.weight = w.get("weight", features);
    this.bias = w.get("bias", features);
    this.runningMean = w.get("running_mean", features);
    this.runningVar = w.get("running_var", features);
    this.eps = eps;
    w.ignore("num_batches_tracked");
  }

  /** x [...,features] → the same shape. */
  public Tensor forward(Tensor x) {
    return observed(x.batchNorm(weight, bias, runningMean, runningVar, eps));
  }
}
