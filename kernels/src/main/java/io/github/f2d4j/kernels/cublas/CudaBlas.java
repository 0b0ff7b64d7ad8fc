package io.github.f2d4j.kernels.cublas;

import java.util.Optional;

/**
 * Matrix products on the GPU of the current context. Addresses are the device's; work is queued in
 * the stream that was set. One thread uses it at a time.
 */
public interface CudaBlas extends AutoCloseable {
  /** The library, its version, and how it is called. */
  String describe();

  /** The library's version, for example 120403 for 12.4.3. */
  int version();

  /** From now on work goes to {@code stream}, a CUstream; 0 is the default stream. */
  void setStream(long stream);

  /** Memory for the library's own use. It must outlive the work that is queued with it. */
  void setWorkspace(long address, long bytes);

  /** How much precision sums may lose. */
  void setMathMode(MathMode mode);

  /** Queues one product. */
  void gemm(Gemm gemm, long a, long b, long c);

  /**
   * Queues {@code batch} products.
   *
   * @param strideA elements from one A to the next, likewise for B and C
   */
  void gemmStridedBatched(
      Gemm gemm, long a, long strideA, long b, long strideB, long c, long strideC, int batch);

  /** Products with a bias or GELU in them; empty where there is no cuBLASLt. */
  Optional<CublasLt> fused();

  @Override
  void close();
}
