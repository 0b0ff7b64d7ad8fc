package io.github.f2d4j.kernels.device;

import io.github.f2d4j.kernels.cublas.Gemm;

/** The product that cuBLAS is asked for, by its definition, in double precision. */
final class ReferenceProduct {
  private ReferenceProduct() {}

  /**
   * D = α·op(A)·op(B) + β·C + bias, column-major.
   *
   * @param bias one number for each row; 0 for none
   */
  static void run(
      Gemm g,
      DeviceNumbers typeA,
      long a,
      DeviceNumbers typeB,
      long b,
      DeviceNumbers typeC,
      long bias,
      long c,
      long d) {
    float[] left =
        typeA.read(
            a, extent(g.transposeA() ? g.k() : g.m(), g.transposeA() ? g.m() : g.k(), g.lda()));
    float[] right =
        typeB.read(
            b, extent(g.transposeB() ? g.n() : g.k(), g.transposeB() ? g.k() : g.n(), g.ldb()));
    float[] added = g.beta() == 0 ? null : typeC.read(c, extent(g.m(), g.n(), g.ldc()));
    float[] shift = bias == 0 ? null : typeC.read(bias, g.m());
    int stepA = g.transposeA() ? 1 : g.lda();
    int rowA = g.transposeA() ? g.lda() : 1;
    int stepB = g.transposeB() ? g.ldb() : 1;
    int columnB = g.transposeB() ? 1 : g.ldb();
    for (int j = 0; j < g.n(); j++) {
      double[] column = new double[g.m()];
      for (int i = 0; i < g.m(); i++) {
        double sum = 0;
        for (int l = 0; l < g.k(); l++) {
          sum += (double) left[i * rowA + l * stepA] * right[l * stepB + j * columnB];
        }
        sum *= g.alpha();
        sum += added == null ? 0 : g.beta() * added[j * g.ldc() + i];
        column[i] = sum + (shift == null ? 0 : shift[i]);
      }
      typeC.write(d + (long) j * g.ldc() * typeC.bytes(), column);
    }
  }

  private static int extent(int rows, int columns, int ld) {
    return (columns - 1) * ld + rows;
  }
}
