package io.github.f2d4j.kernels.cublas;

/** What cuBLASLt does with a product before it is stored: {@code cublasLtEpilogue_t}. */
public enum Epilogue {
  /** Nothing. */
  NONE(1),
  /** Adds a bias of length m, the same to every column. */
  BIAS(4),
  /** GELU by its tanh form. */
  GELU(32),
  /** Bias, then GELU. */
  GELU_BIAS(36);

  private final int code;

  Epilogue(int code) {
    this.code = code;
  }

  /** cuBLASLt's number for it. */
  public int code() {
    return code;
  }

  /** Whether it adds a bias. */
  public boolean hasBias() {
    return this == BIAS || this == GELU_BIAS;
  }
}
