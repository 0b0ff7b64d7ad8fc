package io.github.f2d4j.kernels.device;

import static io.github.f2d4j.kernels.cudnn.AlgorithmPerformance.IMPLICIT_PRECOMP_GEMM;

import io.github.f2d4j.kernels.cudnn.AlgorithmPerformance;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec;
import io.github.f2d4j.kernels.cudnn.DnnConvolution;
import io.github.f2d4j.kernels.library.CudaException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A convolution by the algorithm of cuDNN that was the fastest in a trial. */
final class CudaConvolution implements GpuConvolution {
  private static final System.Logger LOG = System.getLogger(CudaConvolution.class.getName());

  /** Workspace that a trial may use. */
  static final long MOST_WORKSPACE = 256L << 20;

  private static final int ALGORITHMS = 10;

  private final DnnConvolution convolution;
  private final int algorithm;
  private final long workspaceBytes;
  private final Consumer<Runnable> device;

  /**
   * A convolution by one algorithm.
   *
   * @param device runs a body while no other thread uses the device
   */
  private CudaConvolution(
      DnnConvolution convolution, int algorithm, long workspaceBytes, Consumer<Runnable> device) {
    this.convolution = convolution;
    this.algorithm = algorithm;
    this.workspaceBytes = workspaceBytes;
    this.device = device;
  }

  /**
   * By the algorithm that was chosen before; null if none was, or cuDNN does not know it any more.
   */
  static @Nullable CudaConvolution chosen(
      DnnConvolution convolution, AlgorithmChoices choices, Consumer<Runnable> device) {
    Integer algorithm = choices.get(convolution.spec());
    if (algorithm == null) {
      return null;
    }
    try {
      long bytes = convolution.workspaceBytes(algorithm);
      return bytes > MOST_WORKSPACE
          ? null
          : new CudaConvolution(convolution, algorithm, bytes, device);
    } catch (CudaException e) {
      LOG.log(
          Level.WARNING,
          "algorithm {0} was chosen for {1} and is tried no more: {2}",
          algorithm,
          convolution.spec(),
          e.getMessage());
      return null;
    }
  }

  /**
   * Tries the algorithms on memory of the right sizes, and keeps the choice. Only those count whose
   * results are the same in every run.
   */
  static CudaConvolution fastest(
      DnnConvolution convolution,
      long x,
      long w,
      long y,
      long workspace,
      AlgorithmChoices choices,
      Consumer<Runnable> device) {
    List<AlgorithmPerformance> timed =
        convolution.timings(ALGORITHMS, x, w, y, workspace, MOST_WORKSPACE);
    List<AlgorithmPerformance> possible =
        timed.stream()
            .filter(p -> p.usable() && p.deterministic() && p.workspaceBytes() <= MOST_WORKSPACE)
            .toList();
    if (!possible.isEmpty()) {
      AlgorithmPerformance first = possible.getFirst();
      int kept = choices.add(convolution.spec(), first.algorithm());
      AlgorithmPerformance best =
          possible.stream().filter(p -> p.algorithm() == kept).findFirst().orElse(first);
      return new CudaConvolution(convolution, best.algorithm(), best.workspaceBytes(), device);
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
