package io.github.f2d4j.kernels.cublas;

import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.NativeLibrary;
import io.github.f2d4j.kernels.mock.MockLibrary;
import java.nio.file.Path;

/** Makes the same calls through a provider of cuBLAS, and prints what arrives; run in a JVM. */
public final class JCublasSession {
  private JCublasSession() {}

  /** Takes the folder of the mocks and the provider. */
  public static void main(String[] args) {
    Path folder = Path.of(args[0]);
    // JCuda's classes want the driver, though JCublas calls none of it.
    MockLibrary.load(folder, NativeLibrary.DRIVER, 1);
    MockLibrary.load(folder, NativeLibrary.CUBLAS_LT, 12);
    MockLibrary mock = MockLibrary.load(folder, NativeLibrary.CUBLAS, 12);
    try (CudaBlas blas = CublasProvider.named(args[1]).open(mock.library(), null)) {
      System.out.println("version " + blas.version() + " fused " + blas.fused().isPresent());
      blas.setStream(0x77_0000_0077L);
      blas.setMathMode(MathMode.FULL_PRECISION_SUMS);
      blas.setWorkspace(0x500_0000_0000L, 5L << 32);
      Gemm gemm =
          new Gemm(
              true,
              false,
              320,
              8192,
              1280,
              1.5f,
              DataType.FLOAT16,
              1281,
              DataType.BFLOAT16,
              1282,
              -0.25f,
              DataType.FLOAT32,
              321,
              ComputeType.FLOAT32_FAST_TF32);
      blas.gemm(gemm, 0x7f0000000100L, 0x7f0000000200L, 0x7f0000000300L);
      blas.gemmStridedBatched(gemm, 0x7f01L, 5000000001L, 0x7f02L, -3L, 0x7f03L, 6000000002L, 16);
      mock.set("cublasGemmEx", 15);
      try {
        blas.gemm(gemm, 1, 2, 3);
      } catch (CudaException e) {
        System.out.println("error " + e.status().getAsInt() + " " + e.statusName());
      }
    }
    mock.calls().forEach(c -> System.out.println("CALL " + c));
  }
}
