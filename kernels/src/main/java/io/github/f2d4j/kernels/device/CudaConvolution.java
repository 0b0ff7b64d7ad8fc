package io.github.f2d4j.kernels.device;

import static io.github.f2d4j.kernels.cudnn.AlgorithmPerformance.IMPLICIT_PRECOMP_GEMM;

import io.github.f2d4j.kernels.cudnn.AlgorithmPerformance;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec;
import io.github.f2d4j.kernels.cudnn.DnnConvolution;
import io.github.f2d4j.kernels.library.CudaException;
import java.util.List;
import java.util.function.Consumer;

/** A convolution by the algorithm of cuDNN that was the fastest in a trial. */
final class CudaConvolution implements GpuConvolution {
  /** Workspace that a trial may use. */
  static final long MOST_WORKSPACE = 256L << 20;

  private static final int ALGORITHMS = 10;

  private final DnnConvolution convolution;
  private final int algorithm;
  private final long workspaceBytes;
  private final Consumer<Runnable> device;

  /**
   * @param device runs a body while no other thread uses the device
   */
  private CudaConvolution(
      DnnConvolution convolution, AlgorithmPerformance best, Consumer<Runnable> device) {
    this.convolution = convolution;
    this.algorithm = best.algorithm();
    this.workspaceBytes = best.workspaceBytes();
    this.device = device;
  }

  /**
   * Tries the algorithms on memory of the right sizes. Only those count whose results are the same
   * in every run.
   */
  static CudaConvolution fastest(
      DnnConvolution convolution,
      long x,
      long w,
      long y,
      long workspace,
      Consumer<Runnable> device) {
    List<AlgorithmPerformance> timed =
        convolution.timings(ALGORITHMS, x, w, y, workspace, MOST_WORKSPACE);
    for (AlgorithmPerformance p : timed) {
      if (p.usable() && p.deterministic() && p.workspaceBytes() <= MOST_WORKSPACE) {
        return new CudaConvolution(convolution, p, device);
      }
    }
    convolution.close();
    throw CudaException.notPossible(
        "cuDNN",
        "cudnnFindConvolutionForwardAlgorithmEx",
        "none of " + timed + " can compute " + convolution.spec(),
        "use -Df2d4j.cuda.convolve=im2col",
        null);
  }

  @Override
  public ConvolutionSpec spec() {
    return convolution.spec();
  }

  @Override
  public long workspaceBytes() {
    return workspaceBytes;
  }

  @Override
  public boolean takesBias() {
    return algorithm == IMPLICIT_PRECOMP_GEMM;
  }

  @Override
  public void run(long x, long w, long workspace, long y) {
    device.accept(() -> convolution.run(algorithm, 1, x, w, workspace, workspaceBytes, 0, y));
  }

  @Override
  public void runBiased(long x, long w, long workspace, long bias, long residual, long y) {
    float keep = residual == 0 ? 0 : 1;
    long z = residual == 0 ? y : residual;
    device.accept(
        () -> convolution.runBiased(algorithm, x, w, workspace, workspaceBytes, keep, z, bias, y));
  }
}
