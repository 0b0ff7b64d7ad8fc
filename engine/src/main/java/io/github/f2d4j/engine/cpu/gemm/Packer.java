package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.multiply.KeptPanels;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.Arena;
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

  /** Most k steps packed at a time: a block of a panel then stays in the first-level cache. */
  private static final int CHUNK = 144;

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

  /** The same for {@link KeptPanels}. */
  void keep(int matrices, MemorySegment source, MemorySegment packed, WorkPool pool) {
    int count = panels.count();
    long matrixBytes = (long) panels.k() * panels.n() * dtype.bytes();
    long panelBytes = KeptPanels.bytes(panels.k());
    pool.parallel(
        Math.multiplyExact(matrices, count),
        i -> {
          try (Arena arena = Arena.ofConfined()) {
            long rows = KeptPanels.rows(panels.k());
            MemorySegment floats = arena.allocate(4 * rows * Panels.width(), Float.BYTES);
            packPanel(source, i / count * matrixBytes, floats, 0, i % count);
            KeptPanels.write(floats, panels.k(), packed, i * panelBytes);
          }
        });
  }

  /** Packs one panel of a matrix that starts at byte {@code from}. */
  void packPanel(MemorySegment source, long from, MemorySegment packed, long to, int p) {
    int columns = panels.columns(p);
    int first = panels.column(p);
    if (columnsAdjacent) {
      if (columns < Panels.width()) {
        packed.asSlice(to, panels.panelBytes()).fill((byte) 0);
      }
      float[] row = new float[columns];
      for (int k = 0; k < panels.k(); k++) {
        widen(source, from, (long) k * panels.n() + first, row, columns);
        MemorySegment.copy(row, 0, packed, FLOAT, to + 4L * k * Panels.width(), columns);
      }
      return;
    }
    packColumns(source, from, packed, to, first, columns);
  }

  /** Turns blocks of a panel's columns, which lie one behind the other, into rows. */
  private void packColumns(
      MemorySegment source, long from, MemorySegment packed, long to, int first, int columns) {
    int width = Panels.width();
    int channels = panels.k() / taps;
    int atOnce = Math.clamp(CHUNK / taps, 1, Math.max(1, channels));
    float[] read = new float[atOnce * taps * width];
    float[] block = new float[atOnce * width]; // Columns that the panel lacks stay 0.
    for (int channel = 0; channel < channels; channel += atOnce) {
      int count = Math.min(atOnce, channels - channel);
      int length = count * taps;
      for (int c = 0; c < columns; c++) {
        long at = (long) (first + c) * panels.k() + (long) channel * taps;
        widen(dtype, source, from + at * dtype.bytes(), read, c * length, length);
      }
      for (int tap = 0; tap < taps; tap++) {
        turn(read, tap, count, columns, block);
        long row = (long) tap * channels + channel;
        MemorySegment.copy(block, 0, packed, FLOAT, to + 4 * row * width, count * width);
      }
    }
  }

  /**
   * Element (column, channel, tap) of {@code read} to element (channel, column) of {@code block},
   * for one tap. Four columns at a time: each then goes through memory in one direction.
   */
  private void turn(float[] read, int tap, int count, int columns, float[] block) {
    int width = Panels.width();
    int length = count * taps;
    int c = 0;
    for (; c + 4 <= columns; c += 4) {
      int r0 = c * length + tap;
      int r1 = r0 + length;
      int r2 = r1 + length;
      int r3 = r2 + length;
      for (int i = 0; i < count; i++) {
        int k = i * taps;
        int at = i * width + c;
        block[at] = read[r0 + k];
        block[at + 1] = read[r1 + k];
        block[at + 2] = read[r2 + k];
        block[at + 3] = read[r3 + k];
      }
    }
    for (; c < columns; c++) {
      for (int i = 0; i < count; i++) {
        block[i * width + c] = read[c * length + i * taps + tap];
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
