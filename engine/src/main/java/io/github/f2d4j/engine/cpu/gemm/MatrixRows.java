package io.github.f2d4j.engine.cpu.gemm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rows of float32 matrices in memory.
 *
 * @param memory element (item, row, k) at float {@code item * itemStride + row * rowStride + k *
 *     kStride}
 */
record MatrixRows(MemorySegment memory, long itemStride, long rowStride, long kStride)
    implements Rows.Copied {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  @Override
  public void load(int item, int row, int count, int k, int length, int strip, Scratch scratch) {
    if (kStride == 1 && memory.isNative() && scratch.operands.takesMatrix(length)) {
      long from = 4 * (item * itemStride + row * rowStride + k);
      scratch.operands.takeMatrix(strip, memory, from, 4 * rowStride, count, length);
    } else {
      Rows.Copied.super.load(item, row, count, k, length, strip, scratch);
    }
  }

  @Override
  public void copy(int item, int row, int count, int k0, int depth, float[] strip, int stride) {
    long from = item * itemStride + row * rowStride + k0 * kStride;
    if (kStride == 1) {
      for (int r = 0; r < count; r++) {
        MemorySegment.copy(memory, FLOAT, 4 * (from + r * rowStride), strip, r * stride, depth);
      }
      return;
    }
    // A transposed matrix: neighbours in memory are neighbouring rows.
    for (int k = 0; k < depth; k++) {
      for (int r = 0; r < count; r++) {
        strip[r * stride + k] = memory.get(FLOAT, 4 * (from + k * kStride + r * rowStride));
      }
    }
  }
}
