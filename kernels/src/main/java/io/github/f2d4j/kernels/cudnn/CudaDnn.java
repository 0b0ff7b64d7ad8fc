package io.github.f2d4j.kernels.cudnn;

/**
 * Convolutions on the GPU of the current context. Addresses are the device's; work is queued in the
 * stream that was set. One thread uses it at a time.
 */
public interface CudaDnn extends AutoCloseable {
  /** The library, its version, and how it is called. */
  String describe();

  /** The library's version: 8906 for 8.9.6, 90100 for 9.1.0. */
  long version();

  /** From now on work goes to {@code stream}, a CUstream; 0 is the default stream. */
  void setStream(long stream);

  /** Makes a convolution ready to be run many times. */
  DnnConvolution prepare(ConvolutionSpec spec);

  @Override
  void close();
}
