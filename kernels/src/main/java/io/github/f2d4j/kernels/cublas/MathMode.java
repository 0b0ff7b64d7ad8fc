package io.github.f2d4j.kernels.cublas;

/** {@code cublasMath_t}. */
public enum MathMode {
  /** CUBLAS_DEFAULT_MATH. */
  DEFAULT(0),
  /** CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION: sums of float16 products stay float32. */
  FULL_PRECISION_SUMS(16);

  private final int code;

  MathMode(int code) {
    this.code = code;
  }

  /** cuBLAS's number for it. */
  public int code() {
    return code;
  }
}
