package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.ConvolveOp.Pool2d;
import io.github.f2d4j.engine.op.ConvolveOp.PoolKind;
import io.github.f2d4j.engine.types.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** Pooling of NHWC images: all channels of a pixel at a time, in loops that C2 vectorises. */
final class PoolKernel implements Kernel {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final Pool2d op;
  private final Shape in;
  private final Shape out;
  private final WorkPool pool;

  PoolKernel(Pool2d op, Shape in, Shape out, WorkPool pool) {
    this.op = op;
    this.in = in;
    this.out = out;
    this.pool = pool;
  }

  @Override
  public void run(List<Buffer> inputs, Buffer output, Buffer scratch) {
    MemorySegment x = GemmKernel.segment(inputs.getFirst());
    MemorySegment y = GemmKernel.segment(output);
    pool.parallel(Math.multiplyExact(out.dim(0), out.dim(1)), row -> poolRow(x, y, row));
  }

  /** One row of the output: [W', C]. */
  private void poolRow(MemorySegment x, MemorySegment y, int row) {
    int channels = in.dim(3);
    float[] sum = new float[channels];
    float[] pixel = new float[channels];
    int n = row / out.dim(1);
    int top = row % out.dim(1) * op.window().strideH() - op.window().top();
    for (int ox = 0; ox < out.dim(2); ox++) {
      int left = ox * op.window().strideW() - op.window().left();
      Arrays.fill(sum, op.kind() == PoolKind.MAX ? Float.NEGATIVE_INFINITY : 0f);
      int right = Math.min(left + op.kernelW(), in.dim(2));
      for (int iy = Math.max(top, 0); iy < Math.min(top + op.kernelH(), in.dim(1)); iy++) {
        for (int ix = Math.max(left, 0); ix < right; ix++) {
          long from = 4 * ((((long) n * in.dim(1) + iy) * in.dim(2) + ix) * channels);
          MemorySegment.copy(x, FLOAT, from, pixel, 0, channels);
          join(sum, pixel);
        }
      }
      if (op.kind() == PoolKind.AVG) {
        divide(sum, op.kernelH() * op.kernelW());
      }
      MemorySegment.copy(
          sum, 0, y, FLOAT, 4 * (((long) row * out.dim(2) + ox) * channels), channels);
    }
  }

  private void join(float[] sum, float[] pixel) {
    if (op.kind() == PoolKind.MAX) {
      for (int c = 0; c < sum.length; c++) {
        sum[c] = Math.max(sum[c], pixel[c]);
      }
    } else {
      for (int c = 0; c < sum.length; c++) {
        sum[c] += pixel[c];
      }
    }
  }

  private static void divide(float[] sum, int count) {
    for (int c = 0; c < sum.length; c++) {
      sum[c] /= count;
    }
  }
}
