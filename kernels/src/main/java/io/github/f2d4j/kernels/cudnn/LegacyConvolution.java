package io.github.f2d4j.kernels.cudnn;

import static java.lang.foreign.MemorySegment.ofAddress;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.f2d4j.kernels.library.Rethrown;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/** A convolution by the calls that cuDNN 8 and 9 share. */
final class LegacyConvolution implements DnnConvolution {
  private static final MethodHandle PROPOSE = handle("cudnnGetConvolutionForwardAlgorithm_v7");
  private static final MethodHandle FIND = handle("cudnnFindConvolutionForwardAlgorithmEx");
  private static final MethodHandle WORKSPACE = handle("cudnnGetConvolutionForwardWorkspaceSize");
  private static final MethodHandle FORWARD = handle("cudnnConvolutionForward");
  private static final MethodHandle BIASED = handle("cudnnConvolutionBiasActivationForward");

  // cudnnConvolutionFwdAlgoPerf_t
  private static final long RESULT_BYTES = 48;
  private static final long STATUS = 4;
  private static final long TIME = 8;
  private static final long MEMORY = 16;
  private static final long DETERMINISM = 24;
  private static final long MATH = 28;

  private final CudnnApi api;
  private final MemorySegment cudnn;
  private final ConvolutionSpec spec;
  private final Descriptors d;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment alpha = arena.allocate(JAVA_FLOAT);
  private final MemorySegment beta = arena.allocate(JAVA_FLOAT);
  private boolean open = true;

  LegacyConvolution(CudnnApi api, MemorySegment cudnn, ConvolutionSpec spec) {
    this.api = api;
    this.cudnn = cudnn;
    this.spec = spec;
    this.d = new Descriptors(api, spec);
  }

  private static MethodHandle handle(String name) {
    return CudnnApi.SIGNATURES.handle(name);
  }

  @Override
  public ConvolutionSpec spec() {
    return spec;
  }

  @Override
  public List<AlgorithmPerformance> proposals(int most) {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment count = temporary.allocate(JAVA_INT);
      MemorySegment results = temporary.allocate(RESULT_BYTES * most, Long.BYTES);
      int status =
          (int)
              PROPOSE.invokeExact(
                  api.address("cudnnGetConvolutionForwardAlgorithm_v7"),
                  cudnn,
                  d.input,
                  d.filter,
                  d.convolution,
                  d.output,
                  most,
                  count,
                  results);
      api.check("cudnnGetConvolutionForwardAlgorithm_v7", status);
      return read(results, count.get(JAVA_INT, 0));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  @Override
  public List<AlgorithmPerformance> timings(
      int most, long x, long w, long y, long workspace, long workspaceSize) {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment count = temporary.allocate(JAVA_INT);
      MemorySegment results = temporary.allocate(RESULT_BYTES * most, Long.BYTES);
      int status =
          (int)
              FIND.invokeExact(
                  api.address("cudnnFindConvolutionForwardAlgorithmEx"),
                  cudnn,
                  d.input,
                  ofAddress(x),
                  d.filter,
                  ofAddress(w),
                  d.convolution,
                  d.output,
                  ofAddress(y),
                  most,
                  count,
                  results,
                  ofAddress(workspace),
                  workspaceSize);
      api.check("cudnnFindConvolutionForwardAlgorithmEx", status);
      return read(results, count.get(JAVA_INT, 0));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  private List<AlgorithmPerformance> read(MemorySegment results, int count) {
    List<AlgorithmPerformance> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      MemorySegment r = results.asSlice(i * RESULT_BYTES, RESULT_BYTES);
      int status = r.get(JAVA_INT, STATUS);
      all.add(
          new AlgorithmPerformance(
              r.get(JAVA_INT, 0),
              status,
              api.name(status),
              r.get(JAVA_FLOAT, TIME),
              r.get(JAVA_LONG, MEMORY),
              r.get(JAVA_INT, DETERMINISM) == 1,
              r.get(JAVA_INT, MATH)));
    }
    return List.copyOf(all);
  }

  @Override
  public long workspaceBytes(int algorithm) {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment bytes = temporary.allocate(JAVA_LONG);
      int status =
          (int)
              WORKSPACE.invokeExact(
                  api.address("cudnnGetConvolutionForwardWorkspaceSize"),
                  cudnn,
                  d.input,
                  d.filter,
                  d.convolution,
                  d.output,
                  algorithm,
                  bytes);
      api.check("cudnnGetConvolutionForwardWorkspaceSize", status);
      return bytes.get(JAVA_LONG, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  @Override
  public void run(
      int algorithm,
      float scale,
      long x,
      long w,
      long workspace,
      long workspaceSize,
      float keep,
      long y) {
    alpha.set(JAVA_FLOAT, 0, scale);
    beta.set(JAVA_FLOAT, 0, keep);
    try {
      int status =
          (int)
              FORWARD.invokeExact(
                  api.address("cudnnConvolutionForward"),
                  cudnn,
                  alpha,
                  d.input,
                  ofAddress(x),
                  d.filter,
                  ofAddress(w),
                  d.convolution,
                  algorithm,
                  ofAddress(workspace),
                  workspaceSize,
                  beta,
                  d.output,
                  ofAddress(y));
      api.check("cudnnConvolutionForward", status);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  @Override
  public void runBiased(
      int algorithm,
      long x,
      long w,
      long workspace,
      long workspaceSize,
      float keep,
      long z,
      long bias,
      long y) {
    alpha.set(JAVA_FLOAT, 0, 1);
    beta.set(JAVA_FLOAT, 0, keep);
    try {
      int status =
          (int)
              BIASED.invokeExact(
                  api.address("cudnnConvolutionBiasActivationForward"),
                  cudnn,
                  alpha,
                  d.input,
                  ofAddress(x),
                  d.filter,
                  ofAddress(w),
                  d.convolution,
                  algorithm,
                  ofAddress(workspace),
                  workspaceSize,
                  beta,
                  d.output,
                  ofAddress(z),
                  d.bias,
                  ofAddress(bias),
                  d.identity,
                  d.output,
                  ofAddress(y));
      api.check("cudnnConvolutionBiasActivationForward", status);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      arena.close();
      d.close();
    }
  }
}
