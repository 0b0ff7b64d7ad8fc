package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.kernels.catalog.Movement.Im2col;
import io.github.f2d4j.kernels.device.Gpu;
import java.util.Map;

/**
 * A convolution as a product over windows that are laid out as the rows of a matrix, a band of the
 * picture at a time.
 */
final class WindowRows {
  /** Of the matrix, unless a single row of the picture makes more. */
  private static final long BAND_BYTES = 64L << 20;

  private final Gpu gpu;
  private final Precision precision;
  private final Conv2d op;
  private final Shape x;
  private final Shape w;
  private final Shape y;
  private final Linear linear;
  private final int band;
  private final long matrixBytes;

  private WindowRows(Gpu gpu, Precision precision, Conv2d op, Shape x, Shape w, Shape y) {
    this.gpu = gpu;
    this.precision = precision;
    this.op = op;
    this.x = x;
    this.w = w;
    this.y = y;
    int inner = w.dim(2) * w.dim(3) * x.dim(3);
    this.linear = new Linear(gpu, precision, inner, w.dim(0), true, op.epilogue());
    long rowBytes = Math.max(1L, (long) y.dim(2) * inner * precision.bytes());
    this.band = Math.clamp(BAND_BYTES / rowBytes, 1, Math.max(1, y.dim(1)));
    this.matrixBytes = GpuKernel.aligned(band * rowBytes);
  }

  static Work compile(Gpu gpu, Precision precision, Conv2d op, Shape x, Shape w, Shape y) {
    WindowRows rows = new WindowRows(gpu, precision, op, x, w, y);
    long scratch = rows.matrixBytes + rows.linear.scratchBytes((long) rows.band * y.dim(2));
    return new Work("Conv2d by rows of windows", scratch, Map.of(), rows::run);
  }

  private void run(long[] in, long out, long scratch) {
    long bias = MatMuls.bias(op.epilogue(), in, 2);
    long residual = MatMuls.residual(op.epilogue(), in, 2);
    long picture = (long) x.dim(1) * x.dim(2) * x.dim(3) * precision.bytes();
    long rowBytes = (long) y.dim(2) * y.dim(3) * precision.bytes();
    for (int n = 0; n < x.dim(0); n++) {
      for (int first = 0; first < y.dim(1); first += band) {
        int height = Math.min(band, y.dim(1) - first);
        windows(first, height).launches(in[0] + n * picture, scratch).forEach(gpu::launch);
        long at = ((long) n * y.dim(1) + first) * rowBytes;
        linear.run(
            height * y.dim(2),
            scratch,
            in[1],
            bias,
            residual == 0 ? 0 : residual + at,
            out + at,
            scratch + matrixBytes);
      }
    }
  }

  /** The windows of {@code height} rows of the result from {@code first} on. */
  private Im2col windows(int first, int height) {
    return new Im2col(
        precision.element(),
        1,
        x.dim(1),
        x.dim(2),
        x.dim(3),
        height,
        y.dim(2),
        w.dim(2),
        w.dim(3),
        op.window().strideH(),
        op.window().strideW(),
        op.window().top() - first * op.window().strideH(),
        op.window().left());
  }
}
