package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Packs right operands into {@link Panels}, widening float16 and bfloat16 on the way.
 *
 * @param panels the packed form
 * @param dtype F32, F16 or BF16
 * @param columnsAdjacent whether the source is [K, N]; otherwise it is [N, K]
 * @param taps positions of a convolution's window, 1 for a matrix: the source's k runs over
 *     (channel, tap), as checkpoints hold it, and the packed k over (tap, channel), as NHWC images
 *     are read
 */
record Packer(Panels panels, DType dtype, boolean columnsAdjacent, int taps) {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  /**
   * k steps packed at a time for all columns of a panel: a chunk of the panel then stays in the
   * first-level cache while its columns are filled in one after the other.
   */
  private static final int CHUNK = 256;

  /**
   * Packs {@code matrices} matrices that lie one behind the other, and so do their packed forms.
   */
  void pack(int matrices, MemorySegment source, MemorySegment packed, WorkPool pool) {
    int count = panels.count();
    long matrixBytes = (long) panels.k() * panels.n() * dtype.bytes();
    pool.parallel(
        Math.multiplyExact(matrices, count),
        i ->
            packPanel(source, i / count * matrixBytes, packed, i * panels.panelBytes(), i % count));
  }

  private void packPanel(MemorySegment source, long from, MemorySegment packed, long to, int p) {
    int columns = panels.columns(p);
    int first = panels.column(p);
    if (columns < Panels.width()) {
      packed.asSlice(to, panels.panelBytes()).fill((byte) 0);
    }
    if (columnsAdjacent) {
      float[] row = new float[columns];
      for (int k = 0; k < panels.k(); k++) {
        widen(source, from, (long) k * panels.n() + first, row, columns);
        MemorySegment.copy(row, 0, packed, FLOAT, to + 4L * k * Panels.width(), columns);
      }
      return;
    }
    float[] chunk = new float[CHUNK];
    for (int k0 = 0; k0 < panels.k(); k0 += CHUNK) {
      int length = Math.min(CHUNK, panels.k() - k0);
      for (int c = 0; c < columns; c++) {
        widen(source, from, (long) (first + c) * panels.k() + k0, chunk, length);
        scatter(chunk, length, k0, packed, to + 4L * c);
      }
    }
  }

  /** Spreads part of a column over its places in a panel. */
  private void scatter(float[] chunk, int length, int k0, MemorySegment packed, long to) {
    long step = 4L * Panels.width();
    if (taps == 1) {
      for (int i = 0; i < length; i++) {
        packed.set(FLOAT, to + (k0 + i) * step, chunk[i]);
      }
      return;
    }
    int channels = panels.k() / taps;
    int channel = k0 / taps;
    int tap = k0 - channel * taps;
    for (int i = 0; i < length; i++) {
      packed.set(FLOAT, to + ((long) tap * channels + channel) * step, chunk[i]);
      if (++tap == taps) {
        tap = 0;
        channel++;
      }
    }
  }

  /** Reads {@code count} elements from element {@code at} on as float32. */
  private void widen(MemorySegment source, long base, long at, float[] to, int count) {
    widen(dtype, source, base + at * dtype.bytes(), to, 0, count);
  }

  /**
   * Reads {@code count} elements of {@code dtype} from byte {@code at} on as float32.
   *
   * @throws IllegalArgumentException if {@code dtype} is none of F32, F16, BF16
   */
  static void widen(DType dtype, MemorySegment source, long at, float[] to, int first, int count) {
    switch (dtype) {
      case F32 -> MemorySegment.copy(source, FLOAT, at, to, first, count);
      case F16 -> {
        for (int i = 0; i < count; i++) {
          to[first + i] = Float.float16ToFloat(source.get(SHORT, at + 2L * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          to[first + i] = Float.intBitsToFloat(source.get(SHORT, at + 2L * i) << 16);
        }
      }
      default ->
          throw new IllegalArgumentException(
              "cannot read " + dtype + " as a weight; expected F32, F16 or BF16");
    }
  }
}
