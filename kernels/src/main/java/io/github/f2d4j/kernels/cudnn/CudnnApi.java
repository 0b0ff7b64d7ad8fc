package io.github.f2d4j.kernels.cudnn;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.LoadedLibrary;
import io.github.f2d4j.kernels.library.NativeText;
import io.github.f2d4j.kernels.library.Rethrown;
import io.github.f2d4j.kernels.library.SignatureTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * cuDNN's functions, the same in versions 8 and 9, and its status codes, which are not: the library
 * itself is asked for their names. Source: cuDNN API reference, versions 8.9 and 9.
 */
final class CudnnApi {
  static final SignatureTable SIGNATURES =
      new SignatureTable(
          "cuDNN",
          """
          J cudnnGetVersion()
          J cudnnGetCudartVersion()
          P cudnnGetErrorString(I status)
          V cudnnGetLastErrorString(P message, J max_size)
          I cudnnCreate(P handle)
          I cudnnDestroy(P handle)
          I cudnnSetStream(P handle, P streamId)
          I cudnnCreateTensorDescriptor(P tensorDesc)
          I cudnnDestroyTensorDescriptor(P tensorDesc)
          I cudnnSetTensor4dDescriptor(P tensorDesc, I format, I dataType, I n, I c, I h, I w)
          I cudnnCreateFilterDescriptor(P filterDesc)
          I cudnnDestroyFilterDescriptor(P filterDesc)
          I cudnnSetFilter4dDescriptor(P filterDesc, I dataType, I format, I k, I c, I h, I w)
          I cudnnCreateConvolutionDescriptor(P convDesc)
          I cudnnDestroyConvolutionDescriptor(P convDesc)
          I cudnnSetConvolution2dDescriptor(P convDesc, I pad_h, I pad_w, I u, I v,
              I dilation_h, I dilation_w, I mode, I computeType)
          I cudnnSetConvolutionMathType(P convDesc, I mathType)
          I cudnnCreateActivationDescriptor(P activationDesc)
          I cudnnDestroyActivationDescriptor(P activationDesc)
          I cudnnSetActivationDescriptor(P activationDesc, I mode, I reluNanOpt, D coef)
          I cudnnGetConvolutionForwardAlgorithm_v7(P handle, P srcDesc, P filterDesc, P convDesc,
              P destDesc, I requestedAlgoCount, P returnedAlgoCount, P perfResults)
          I cudnnFindConvolutionForwardAlgorithmEx(P handle, P xDesc, P x, P wDesc, P w,
              P convDesc, P yDesc, P y, I requestedAlgoCount, P returnedAlgoCount, P perfResults,
              P workSpace, J workSpaceSizeInBytes)
          I cudnnGetConvolutionForwardWorkspaceSize(P handle, P xDesc, P wDesc, P convDesc,
              P yDesc, I algo, P sizeInBytes)
          I cudnnConvolutionForward(P handle, P alpha, P xDesc, P x, P wDesc, P w, P convDesc,
              I algo, P workSpace, J workSpaceSizeInBytes, P beta, P yDesc, P y)
          I cudnnConvolutionBiasActivationForward(P handle, P alpha1, P xDesc, P x, P wDesc, P w,
              P convDesc, I algo, P workSpace, J workSpaceSizeInBytes, P alpha2, P zDesc, P z,
              P biasDesc, P bias, P activationDesc, P yDesc, P y)
          I cudnnBackendCreateDescriptor(I descriptorType, P descriptor)
          I cudnnBackendDestroyDescriptor(P descriptor)
          I cudnnBackendSetAttribute(P descriptor, I attributeName, I attributeType,
              J elementCount, P arrayOfElements)
          I cudnnBackendFinalize(P descriptor)
          I cudnnBackendExecute(P handle, P executionPlan, P variantPack)
          """);

  /** Functions without which the rest works: the first came with version 9. */
  static final Set<String> OPTIONAL = Set.of("cudnnGetLastErrorString", "cudnnGetCudartVersion");

  private static final MethodHandle VERSION = SIGNATURES.handle("cudnnGetVersion");
  private static final MethodHandle RUNTIME = SIGNATURES.handle("cudnnGetCudartVersion");
  private static final MethodHandle ERROR = SIGNATURES.handle("cudnnGetErrorString");
  private static final MethodHandle LAST_ERROR = SIGNATURES.handle("cudnnGetLastErrorString");

  private static final int MESSAGE_BYTES = 2048;

  private final LoadedLibrary library;
  private final long version;
  private final @Nullable MemorySegment lastError;

  CudnnApi(LoadedLibrary library) {
    this.library = library;
    SIGNATURES.signatures().stream()
        .filter(s -> !OPTIONAL.contains(s.name()))
        .forEach(s -> library.address(s.name()));
    this.version = version(library);
    this.lastError = library.symbols().find("cudnnGetLastErrorString").orElse(null);
  }

  /** The library's version: 8906 for 8.9.6, 90100 for 9.1.0. */
  static long version(LoadedLibrary library) {
    try {
      return (long) VERSION.invokeExact(library.address("cudnnGetVersion"));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** The CUDA version it was made for, for example 12040; 0 where it does not tell. */
  static long cudaVersion(LoadedLibrary library) {
    if (!library.has("cudnnGetCudartVersion")) {
      return 0;
    }
    try {
      return (long) RUNTIME.invokeExact(library.address("cudnnGetCudartVersion"));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  long version() {
    return version;
  }

  LoadedLibrary library() {
    return library;
  }

  MemorySegment address(String symbol) {
    return library.address(symbol);
  }

  /** The library's name for {@code status}. */
  String name(int status) {
    try {
      MemorySegment address = library.address("cudnnGetErrorString");
      return NativeText.of((MemorySegment) ERROR.invokeExact(address, status));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** Does nothing if {@code status} is success, and throws what it means if not. */
  void check(String call, int status) {
    if (status != 0) {
      throw CudaException.failedCall(
          library + " " + version, call, status, name(status), lastError());
    }
  }

  /** What cuDNN 9 adds to the last status; nothing before. */
  private String lastError() {
    if (lastError == null) {
      return "";
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocate(MESSAGE_BYTES);
      LAST_ERROR.invokeExact(lastError, message, (long) MESSAGE_BYTES);
      return NativeText.of(message);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** Makes something of its own by {@code call}, which writes a handle. */
  MemorySegment create(String call, MethodHandle function) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check(call, (int) function.invokeExact(library.address(call), out));
      return out.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** Lets a handle or descriptor go by {@code call}. */
  void destroy(String call, MethodHandle function, MemorySegment handle) {
    try {
      check(call, (int) function.invokeExact(library.address(call), handle));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }
}
