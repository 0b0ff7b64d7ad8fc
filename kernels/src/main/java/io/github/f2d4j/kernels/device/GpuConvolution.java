package io.github.f2d4j.kernels.device;

import io.github.f2d4j.kernels.cudnn.ConvolutionSpec;

/** A convolution that a {@link Gpu} is ready to run. */
public interface GpuConvolution {
  /** What it computes. */
  ConvolutionSpec spec();

  /** Bytes of workspace that a run needs. */
  long workspaceBytes();

  /** Whether {@link #runBiased} can be called. */
  boolean takesBias();

  /** Queues y = x ∗ w. */
  void run(long x, long w, long workspace, long y);

  /**
   * Queues y = x ∗ w + bias + residual in one kernel.
   *
   * @param bias one number for each channel of y
   * @param residual of y's shape; 0 where there is none
   */
  void runBiased(long x, long w, long workspace, long bias, long residual, long y);
}
