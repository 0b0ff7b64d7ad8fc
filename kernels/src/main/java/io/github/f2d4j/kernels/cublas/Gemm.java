package io.github.f2d4j.kernels.cublas;

/**
 * The product C = α·op(A)·op(B) + β·C of column-major matrices, as cuBLAS takes it: op(A) is m×k,
 * op(B) k×n, C m×n.
 *
 * @param transposeA whether op(A) is Aᵀ
 * @param transposeB whether op(B) is Bᵀ
 * @param lda elements from one column of A to the next, likewise below
 */
public record Gemm(
    boolean transposeA,
    boolean transposeB,
    int m,
    int n,
    int k,
    float alpha,
    DataType typeA,
    int lda,
    DataType typeB,
    int ldb,
    float beta,
    DataType typeC,
    int ldc,
    ComputeType compute) {

  public Gemm {
    if (m < 1 || n < 1 || k < 1) {
      throw new IllegalArgumentException(
          "a product of %dx%d and %dx%d: every size must be at least 1".formatted(m, k, k, n));
    }
    requireColumns("lda", lda, transposeA ? k : m);
    requireColumns("ldb", ldb, transposeB ? n : k);
    requireColumns("ldc", ldc, m);
  }

  private static void requireColumns(String name, int given, int rows) {
    if (given < rows) {
      throw new IllegalArgumentException(
          "%s is %d, but the columns have %d elements".formatted(name, given, rows));
    }
  }

  /**
   * The row-major y[rows,out] = α·x[rows,in]·w[out,in]ᵀ + β·y, as linear layers have it: A is w, B
   * is x, and a bias in the epilogue has length {@code out}.
   */
  public static Gemm linear(
      int rows, int in, int out, DataType type, float alpha, float beta, ComputeType compute) {
    return new Gemm(
        true, false, out, rows, in, alpha, type, in, type, in, beta, type, out, compute);
  }

  /** What cuBLAS calls a matrix that is taken as it is (0) or transposed (1). */
  static int operation(boolean transpose) {
    return transpose ? 1 : 0;
  }
}
