package io.github.f2d4j.kernels.setup;

/**
 * What a machine's libraries allow.
 *
 * @param gpu whether there is a GPU that can be used at all
 */
public record CudaMode(boolean gpu, Products products, Convolutions convolutions) {
  /** No GPU can be used. */
  public static final CudaMode CPU = new CudaMode(false, Products.PLAIN, Convolutions.IM2COL);

  /** Who multiplies matrices. */
  public enum Products {
    /** cuBLAS; bias and activation are kernels of their own. */
    PLAIN,
    /** cuBLASLt, with bias, activation and residual in the product. */
    FUSED
  }

  /** Who convolves. */
  public enum Convolutions {
    /** A kernel lays out the patches, and a matrix product does the rest. */
    IM2COL,
    /** cuDNN. */
    CUDNN
  }

  /** In words. */
  public String describe() {
    if (!gpu) {
      return "the CPU backend is all that can run here";
    }
    String blas = products == Products.FUSED ? "cuBLASLt" : "cuBLAS";
    return "matrix products by "
        + (products == Products.FUSED
            ? "cuBLASLt with bias and activation in them"
            : "cuBLAS, bias and activation in kernels of their own")
        + "; convolutions by "
        + (convolutions == Convolutions.CUDNN ? "cuDNN" : "im2col and " + blas);
  }
}
