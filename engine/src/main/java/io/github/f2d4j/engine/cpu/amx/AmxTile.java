package io.github.f2d4j.engine.cpu.amx;

import io.github.f2d4j.engine.backend.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Operands in the form in which the matrix unit multiplies them, off the heap: strips of {@link
 * Amx#ROWS} rows of a, one panel of {@link Amx#COLUMNS} columns of b. For one thread at a time. May
 * be touched only where {@link Amx#used} is true.
 */
public final class AmxTile {
  private static final MethodHandle START = Amx.functions().start();
  private static final MethodHandle RESUME = Amx.functions().resume();

  private static final MemorySegment CONFIG = config();
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
  private static final int SUMS = Amx.ROWS * Amx.COLUMNS;

  /** Ints of a step of a strip, and of 16 columns of the panel. */
  private static final int ROWS_STEP = 2 * Parts.COUNT * TileCode.TILE / Integer.BYTES;

  private static final int COLUMNS_STEP = ROWS_STEP / 2;

  private final int[] step = new int[ROWS_STEP];
  private final MemorySegment sums = HostBuffer.allocate(4L * Amx.STRIPS * SUMS).segment();
  private MemorySegment strips = MemorySegment.NULL;
  private MemorySegment panel = MemorySegment.NULL;

  /** Nothing yet. */
  public AmxTile() {}

  /** Makes room for {@code count} strips of at most {@code depth} steps of k, and a panel. */
  public void reserve(int count, int depth) {
    strips = atLeast(count * bytes(Amx.ROWS, depth), strips);
    panel = atLeast(bytes(Amx.COLUMNS, depth), panel);
  }

  private static MemorySegment atLeast(long bytes, MemorySegment memory) {
    return memory.byteSize() >= bytes ? memory : HostBuffer.allocate(bytes).segment();
  }

  private static int steps(int depth) {
    return Math.ceilDiv(depth, Amx.DEPTH);
  }

  /** Bytes of the parts of so many rows or columns. */
  private static long bytes(int count, int depth) {
    return (long) count / TileCode.SIDE * steps(depth) * Parts.COUNT * TileCode.TILE;
  }

  /**
   * Takes steps {@code [k, k + length)} of strip {@code index}.
   *
   * @param a element (row, i) at {@code row * pitch + i}, i from k on, with zeros behind {@code
   *     length} up to the next multiple of {@link Amx#DEPTH}
   * @param k a multiple of {@link Amx#DEPTH}
   * @param depth steps of k, the same for all strips and the panel
   */
  public void strip(int index, float[] a, int pitch, int k, int length, int depth) {
    long to = index * bytes(Amx.ROWS, depth) + k / Amx.DEPTH * 4L * ROWS_STEP;
    for (int s = 0; s < steps(length); s++) {
      Parts.ofRows(a, pitch, s * Amx.DEPTH, step);
      MemorySegment.copy(step, 0, strips, INT, to, ROWS_STEP);
      to += 4L * ROWS_STEP;
    }
  }

  /**
   * Takes steps {@code [k, k + length)} of the panel.
   *
   * @param b element (i, column) at {@code i * COLUMNS + column}, otherwise as {@link #strip}'s
   */
  public void panel(float[] b, int k, int length, int depth) {
    for (int column = 0; column < Amx.COLUMNS; column += TileCode.SIDE) {
      long to = bytes(column, depth) + k / Amx.DEPTH * 4L * COLUMNS_STEP;
      for (int s = 0; s < steps(length); s++) {
        Parts.ofColumns(b, Amx.COLUMNS, s * Amx.DEPTH * Amx.COLUMNS + column, step);
        MemorySegment.copy(step, 0, panel, INT, to, COLUMNS_STEP);
        to += 4L * COLUMNS_STEP;
      }
    }
  }

  /**
   * Adds the products of strips and the panel to {@code to}, or puts them there.
   *
   * @param strip the first strip
   * @param count at most {@link Amx#STRIPS}
   * @param to [count, ROWS, COLUMNS], dense from {@code at}
   * @param first whether what is there does not count
   */
  public void multiply(int strip, int count, int depth, float[] to, int at, boolean first) {
    int floats = count * SUMS;
    if (depth == 0) {
      // The function's loop runs at least once.
      if (first) {
        Arrays.fill(to, at, at + floats, 0f);
      }
      return;
    }
    long bytes = bytes(Amx.ROWS, depth);
    MemorySegment a = strips.asSlice(strip * bytes, count * bytes);
    try {
      if (first) {
        START.invokeExact(a, panel, sums, (long) steps(depth), CONFIG, (long) count);
      } else {
        MemorySegment.copy(to, at, sums, FLOAT, 0, floats);
        RESUME.invokeExact(a, panel, sums, (long) steps(depth), CONFIG, (long) count);
      }
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
    MemorySegment.copy(sums, FLOAT, 0, to, at, floats);
  }

  /** Palette 1: eight tiles of 16 rows of 64 bytes. */
  private static MemorySegment config() {
    MemorySegment config = HostBuffer.allocate(64).segment();
    config.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    for (int tile = 0; tile < 8; tile++) {
      config.set(ValueLayout.JAVA_SHORT, 16 + 2L * tile, (short) 64);
      config.set(ValueLayout.JAVA_BYTE, 48 + (long) tile, (byte) 16);
    }
    return config;
  }
}
