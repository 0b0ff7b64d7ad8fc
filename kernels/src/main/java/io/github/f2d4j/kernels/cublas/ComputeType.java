package io.github.f2d4j.kernels.cublas;

/**
 * How products are summed: {@code cublasComputeType_t}, those with float32 sums, whose factors α
 * and β are floats.
 */
public enum ComputeType {
  /** CUBLAS_COMPUTE_32F: float32 products stay float32. */
  FLOAT32(68),
  /** CUBLAS_COMPUTE_32F_FAST_16F: float32 matrices are rounded to float16 first. */
  FLOAT32_FAST_FLOAT16(74),
  /** CUBLAS_COMPUTE_32F_FAST_TF32: float32 matrices are rounded to 10 bits first. */
  FLOAT32_FAST_TF32(77);

  private final int code;

  ComputeType(int code) {
    this.code = code;
  }

  /** cuBLAS's number for it. */
  public int code() {
    return code;
  }
}
