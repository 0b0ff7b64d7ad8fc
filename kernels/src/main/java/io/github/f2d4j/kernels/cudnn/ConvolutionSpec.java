package io.github.f2d4j.kernels.cudnn;

/**
 * A convolution y[n,ho,wo,k] = x[n,h,w,c] ∗ w[k,kh,kw,c] as cuDNN takes it; in NCHW the letters
 * stand in that order in memory. It is a cross-correlation, as in all deep learning.
 *
 * @param height rows of x
 * @param width columns of x
 * @param filters channels of y
 */
public record ConvolutionSpec(
    Type type,
    Layout layout,
    MathType math,
    int batch,
    int channels,
    int height,
    int width,
    int filters,
    int kernelHeight,
    int kernelWidth,
    int padHeight,
    int padWidth,
    int strideHeight,
    int strideWidth,
    int dilationHeight,
    int dilationWidth) {

  /** {@code cudnnDataType_t} of x, w and y; sums are float32. */
  public enum Type {
    /** CUDNN_DATA_FLOAT. */
    FLOAT32(0),
    /** CUDNN_DATA_HALF. */
    FLOAT16(2),
    /** CUDNN_DATA_BFLOAT16. */
    BFLOAT16(9);

    private final int code;

    Type(int code) {
      this.code = code;
    }

    /** cuDNN's number for it. */
    public int code() {
      return code;
    }
  }

  /** {@code cudnnTensorFormat_t}. */
  public enum Layout {
    /** CUDNN_TENSOR_NCHW. */
    NCHW(0),
    /** CUDNN_TENSOR_NHWC. */
    NHWC(1);

    private final int code;

    Layout(int code) {
      this.code = code;
    }

    /** cuDNN's number for it. */
    public int code() {
      return code;
    }
  }

  /** {@code cudnnMathType_t}. */
  public enum MathType {
    /** CUDNN_DEFAULT_MATH: float32 may use TF32. */
    DEFAULT(0),
    /** CUDNN_TENSOR_OP_MATH. */
    TENSOR_CORES(1),
    /** CUDNN_FMA_MATH: float32 stays float32. */
    FULL_FLOAT32(3);

    private final int code;

    MathType(int code) {
      this.code = code;
    }

    /** cuDNN's number for it. */
    public int code() {
      return code;
    }
  }

  public ConvolutionSpec {
    if (outputSize(height, padHeight, kernelHeight, strideHeight, dilationHeight) < 1
        || outputSize(width, padWidth, kernelWidth, strideWidth, dilationWidth) < 1) {
      throw new IllegalArgumentException(
          "a %dx%d kernel (dilation %d,%d; padding %d,%d) does not fit into %dx%d"
              .formatted(
                  kernelHeight,
                  kernelWidth,
                  dilationHeight,
                  dilationWidth,
                  padHeight,
                  padWidth,
                  height,
                  width));
    }
  }

  /** A square kernel with the same padding and stride both ways, undilated. */
  public static ConvolutionSpec square(
      Type type,
      Layout layout,
      MathType math,
      int batch,
      int channels,
      int height,
      int width,
      int filters,
      int kernel,
      int pad,
      int stride) {
    return new ConvolutionSpec(
        type, layout, math, batch, channels, height, width, filters, kernel, kernel, pad, pad,
        stride, stride, 1, 1);
  }

  /** Rows of y. */
  public int outputHeight() {
    return outputSize(height, padHeight, kernelHeight, strideHeight, dilationHeight);
  }

  /** Columns of y. */
  public int outputWidth() {
    return outputSize(width, padWidth, kernelWidth, strideWidth, dilationWidth);
  }

  private static int outputSize(int size, int pad, int kernel, int stride, int dilation) {
    int rest = size + 2 * pad - dilation * (kernel - 1) - 1;
    return rest < 0 ? 0 : rest / stride + 1;
  }
}
