package io.github.f2d4j.kernels.cudnn;

import io.github.f2d4j.kernels.library.Rethrown;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The descriptors of one convolution, of its tensors and of the activation that does nothing. */
final class Descriptors implements AutoCloseable {
  private static final MethodHandle TENSOR = handle("cudnnCreateTensorDescriptor");
  private static final MethodHandle TENSOR_SET = handle("cudnnSetTensor4dDescriptor");
  private static final MethodHandle TENSOR_END = handle("cudnnDestroyTensorDescriptor");
  private static final MethodHandle FILTER = handle("cudnnCreateFilterDescriptor");
  private static final MethodHandle FILTER_SET = handle("cudnnSetFilter4dDescriptor");
  private static final MethodHandle FILTER_END = handle("cudnnDestroyFilterDescriptor");
  private static final MethodHandle CONVOLUTION = handle("cudnnCreateConvolutionDescriptor");
  private static final MethodHandle CONVOLUTION_SET = handle("cudnnSetConvolution2dDescriptor");
  private static final MethodHandle CONVOLUTION_MATH = handle("cudnnSetConvolutionMathType");
  private static final MethodHandle CONVOLUTION_END = handle("cudnnDestroyConvolutionDescriptor");
  private static final MethodHandle ACTIVATION = handle("cudnnCreateActivationDescriptor");
  private static final MethodHandle ACTIVATION_SET = handle("cudnnSetActivationDescriptor");
  private static final MethodHandle ACTIVATION_END = handle("cudnnDestroyActivationDescriptor");

  private static final int CROSS_CORRELATION = 1;
  private static final int DATA_FLOAT = 0;
  private static final int ACTIVATION_IDENTITY = 5;
  private static final int NOT_PROPAGATE_NAN = 0;

  final MemorySegment input;
  final MemorySegment filter;
  final MemorySegment convolution;
  final MemorySegment output;
  final MemorySegment bias;
  final MemorySegment identity;
  private final CudnnApi api;

  Descriptors(CudnnApi api, ConvolutionSpec s) {
    this.api = api;
    input = tensor(s, s.batch(), s.channels(), s.height(), s.width());
    output = tensor(s, s.batch(), s.filters(), s.outputHeight(), s.outputWidth());
    bias = tensor(s, 1, s.filters(), 1, 1);
    filter = filter(s);
    convolution = convolution(s);
    identity = identity();
  }

  private static MethodHandle handle(String name) {
    return CudnnApi.SIGNATURES.handle(name);
  }

  /** Sizes are in the order n, c, h, w in either layout. */
  private MemorySegment tensor(ConvolutionSpec s, int n, int c, int h, int w) {
    MemorySegment tensor = api.create("cudnnCreateTensorDescriptor", TENSOR);
    try {
      MemorySegment set = api.address("cudnnSetTensor4dDescriptor");
      int layout = s.layout().code();
      int type = s.type().code();
      api.check(
          "cudnnSetTensor4dDescriptor",
          (int) TENSOR_SET.invokeExact(set, tensor, layout, type, n, c, h, w));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
    return tensor;
  }

  private MemorySegment filter(ConvolutionSpec s) {
    MemorySegment created = api.create("cudnnCreateFilterDescriptor", FILTER);
    try {
      int status =
          (int)
              FILTER_SET.invokeExact(
                  api.address("cudnnSetFilter4dDescriptor"),
                  created,
                  s.type().code(),
                  s.layout().code(),
                  s.filters(),
                  s.channels(),
                  s.kernelHeight(),
                  s.kernelWidth());
      api.check("cudnnSetFilter4dDescriptor", status);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
    return created;
  }

  private MemorySegment convolution(ConvolutionSpec s) {
    MemorySegment created = api.create("cudnnCreateConvolutionDescriptor", CONVOLUTION);
    try {
      int status =
          (int)
              CONVOLUTION_SET.invokeExact(
                  api.address("cudnnSetConvolution2dDescriptor"),
                  created,
                  s.padHeight(),
                  s.padWidth(),
                  s.strideHeight(),
                  s.strideWidth(),
                  s.dilationHeight(),
                  s.dilationWidth(),
                  CROSS_CORRELATION,
                  DATA_FLOAT);
      api.check("cudnnSetConvolution2dDescriptor", status);
      MemorySegment set = api.address("cudnnSetConvolutionMathType");
      api.check(
          "cudnnSetConvolutionMathType",
          (int) CONVOLUTION_MATH.invokeExact(set, created, s.math().code()));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
    return created;
  }

  private MemorySegment identity() {
    MemorySegment created = api.create("cudnnCreateActivationDescriptor", ACTIVATION);
    try {
      int status =
          (int)
              ACTIVATION_SET.invokeExact(
                  api.address("cudnnSetActivationDescriptor"),
                  created,
                  ACTIVATION_IDENTITY,
                  NOT_PROPAGATE_NAN,
                  0.0);
      api.check("cudnnSetActivationDescriptor", status);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
    return created;
  }

  @Override
  public void close() {
    api.destroy("cudnnDestroyTensorDescriptor", TENSOR_END, input);
    api.destroy("cudnnDestroyTensorDescriptor", TENSOR_END, output);
    api.destroy("cudnnDestroyTensorDescriptor", TENSOR_END, bias);
    api.destroy("cudnnDestroyFilterDescriptor", FILTER_END, filter);
    api.destroy("cudnnDestroyConvolutionDescriptor", CONVOLUTION_END, convolution);
    api.destroy("cudnnDestroyActivationDescriptor", ACTIVATION_END, identity);
  }
}
