package io.github.f2d4j.kernels.cudnn;

/**
 * What cuDNN says about one algorithm: {@code cudnnConvolutionFwdAlgoPerf_t}.
 *
 * @param algorithm its number in {@code cudnnConvolutionFwdAlgo_t}
 * @param status 0, or why it cannot be used; the codes differ between cuDNN 8 and 9
 * @param statusName the library's name for the status
 * @param millis the time of a trial; -1 where there was none
 * @param workspaceBytes what it needs
 * @param deterministic whether its results are the same in every run
 * @param mathType its number in {@code cudnnMathType_t}
 */
public record AlgorithmPerformance(
    int algorithm,
    int status,
    String statusName,
    float millis,
    long workspaceBytes,
    boolean deterministic,
    int mathType) {
  /** CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM. */
  public static final int IMPLICIT_PRECOMP_GEMM = 1;

  /** CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED. */
  public static final int WINOGRAD_NONFUSED = 7;

  /** Whether it can be used. */
  public boolean usable() {
    return status == 0;
  }
}
