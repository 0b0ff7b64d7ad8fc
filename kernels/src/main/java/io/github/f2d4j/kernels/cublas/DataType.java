package io.github.f2d4j.kernels.cublas;

/** What a matrix holds: {@code cudaDataType_t}. */
public enum DataType {
  /** CUDA_R_32F. */
  FLOAT32(0),
  /** CUDA_R_16F. */
  FLOAT16(2),
  /** CUDA_R_16BF. */
  BFLOAT16(14);

  private final int code;

  DataType(int code) {
    this.code = code;
  }

  /** CUDA's number for it. */
  public int code() {
    return code;
  }
}
