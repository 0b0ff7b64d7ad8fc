package io.github.f2d4j.kernels.device;

import io.github.f2d4j.kernels.catalog.KernelLaunch;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.cublas.Gemm;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.setup.CudaMode;
import java.lang.foreign.MemorySegment;

/**
 * A GPU: memory, and work that is queued and done in order. Addresses are the device's. Safe for
 * use by many threads; the work of one thread stays in its order.
 */
public interface Gpu extends AutoCloseable {
  /** The device and the libraries in one line. */
  String describe();

  /** The set of kernels that {@link #launch} takes. */
  PtxSet kernels();

  /** Whether products take a bias, and whether {@link #prepare} works. */
  CudaMode mode();

  /**
   * Memory at a multiple of 256 bytes; what is in it is not defined.
   *
   * @throws OutOfMemoryError if there is not enough, with the remedy
   */
  long allocate(long bytes);

  /** Gives memory back, after all work that was queued; it is kept for later. */
  void free(long address);

  /** Gives the driver what is kept for later. */
  void trim();

  /** Queues a copy from off-heap memory, which may change as soon as this returns. */
  void upload(MemorySegment host, long address);

  /** Copies into off-heap memory after all work that was queued. */
  void download(long address, MemorySegment host);

  /** Queues a copy within the GPU's memory. */
  void copy(long from, long to, long bytes);

  /** Queues a kernel. */
  void launch(KernelLaunch launch);

  /**
   * Queues {@code batch} products.
   *
   * @param strideA elements from one A to the next, likewise for B and C
   */
  void multiply(
      Gemm gemm, int batch, long a, long strideA, long b, long strideB, long c, long strideC);

  /**
   * Queues d = α·op(a)·op(b) + β·c + bias in one kernel, where {@link #mode()} says that products
   * are fused.
   *
   * @param bias one number for each row of the column-major result; 0 where there is none
   * @param c read where β is not 0; may be d
   * @return whether it is queued; false where cuBLASLt has no kernel for it at these addresses
   */
  boolean multiplyFused(Gemm gemm, long a, long b, long bias, long c, long d);

  /**
   * Makes a convolution ready to be run many times, where {@link #mode()} says that cuDNN does
   * them.
   *
   * @throws CudaException if cuDNN has no algorithm for it
   */
  GpuConvolution prepare(ConvolutionSpec spec);

  /**
   * Records what {@code body} queues, instead of doing it. Other threads wait meanwhile. The body
   * may not allocate, copy from or to the host, prepare a convolution for the first time, or wait.
   *
   * @throws CudaException if something in it cannot be recorded
   */
  GpuRecording record(Runnable body);

  /** Waits until everything that was queued is done; throws what went wrong with any of it. */
  void synchronize();

  @Override
  void close();
}
