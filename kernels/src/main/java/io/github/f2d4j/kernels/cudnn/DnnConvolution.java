package io.github.f2d4j.kernels.cudnn;

import java.util.List;

/** A convolution that is ready to run. Addresses are the device's. */
public interface DnnConvolution extends AutoCloseable {
  /** What it computes. */
  ConvolutionSpec spec();

  /** Algorithms in the order in which cuDNN expects them to be fast, those that fail included. */
  List<AlgorithmPerformance> proposals(int most);

  /**
   * Algorithms in the order of their time, each tried on the given memory, which is overwritten.
   *
   * @param x the input
   * @param w the filters
   * @param y the output
   * @param workspace memory for the trials
   * @param workspaceSize its bytes; algorithms that need more are not tried
   */
  List<AlgorithmPerformance> timings(
      int most, long x, long w, long y, long workspace, long workspaceSize);

  /** Bytes of workspace that {@code algorithm} needs. */
  long workspaceBytes(int algorithm);

  /** Queues y = α·(x ∗ w) + β·y. */
  void run(
      int algorithm,
      float alpha,
      long x,
      long w,
      long workspace,
      long workspaceSize,
      float beta,
      long y);

  /**
   * Queues y = x ∗ w + β·z + bias, in one kernel where cuDNN can. It allows but {@code
   * IMPLICIT_PRECOMP_GEMM} with the identity as activation.
   *
   * @param z of the shape of y; may be y
   * @param bias one number for each channel of y
   */
  void runBiased(
      int algorithm,
      long x,
      long w,
      long workspace,
      long workspaceSize,
      float beta,
      long z,
      long bias,
      long y);

  @Override
  void close();
}
