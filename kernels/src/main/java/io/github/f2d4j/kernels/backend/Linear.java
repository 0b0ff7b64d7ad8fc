package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.kernels.catalog.Elementwise;
import io.github.f2d4j.kernels.cublas.ComputeType;
import io.github.f2d4j.kernels.cublas.Gemm;
import io.github.f2d4j.kernels.device.Gpu;
import io.github.f2d4j.kernels.setup.CudaMode.Products;

/**
 * y[rows,·] = epilogue(x[rows,in]·w), the matrix product that linear layers and convolutions come
 * to.
 *
 * @param in the inner extent
 * @param out columns of the product, before GEGLU halves them
 * @param transposed whether w is [out,in], as checkpoints hold it, or [in,out]
 */
record Linear(
    Gpu gpu, Precision precision, int in, int out, boolean transposed, Epilogue epilogue) {

  /** Columns of the result. */
  int columns() {
    return epilogue.activation() == Activation.GEGLU ? out / 2 : out;
  }

  /** Bytes of scratch memory for {@code rows}. */
  long scratchBytes(long rows) {
    return epilogue.activation() == Activation.GEGLU ? rows * out * precision.bytes() : 0;
  }

  /**
   * Queues it.
   *
   * @param bias [out], or 0
   * @param residual [rows,columns], or 0
   * @param scratch {@link #scratchBytes} bytes
   */
  void run(int rows, long x, long w, long bias, long residual, long y, long scratch) {
    boolean plain = epilogue.activation() == Activation.NONE;
    long sum = epilogue.activation() == Activation.GEGLU ? scratch : y;
    boolean fused =
        gpu.mode().products() == Products.FUSED
            && (plain ? (bias | residual) != 0 : bias != 0)
            && gpu.multiplyFused(
                gemm(rows, plain && residual != 0), w, x, bias, plain ? residual : 0, sum);
    if (!fused) {
      gpu.multiply(gemm(rows, false), 1, w, 0, x, 0, sum, 0);
    }
    finish(rows, sum, fused ? 0 : bias, fused && plain ? 0 : residual, y);
  }

  /** Queues what is left to do on the product {@code sum}, which may be y. */
  void finish(int rows, long sum, long bias, long residual, long y) {
    if (epilogue.activation() == Activation.GEGLU) {
      new Elementwise.Geglu(precision.element(), rows, columns())
          .launches(sum, bias, y)
          .forEach(gpu::launch);
      if (residual != 0) {
        end(rows, Activation.NONE, y, 0, residual);
      }
    } else if (epilogue.activation() != Activation.NONE || (bias | residual) != 0) {
      end(rows, epilogue.activation(), y, bias, residual);
    }
  }

  private void end(int rows, Activation activation, long y, long bias, long residual) {
    new Elementwise.Epilogue(precision.element(), rows, columns(), activation)
        .launches(y, bias, residual, y)
        .forEach(gpu::launch);
  }

  /** Row-major matrices are the transposes of cuBLAS's: yᵀ = wᵀ·xᵀ. */
  private Gemm gemm(int rows, boolean add) {
    return new Gemm(
        transposed,
        false,
        out,
        rows,
        in,
        1,
        precision.data(),
        transposed ? in : out,
        precision.data(),
        in,
        add ? 1 : 0,
        precision.data(),
        out,
        ComputeType.FLOAT32);
  }
}
