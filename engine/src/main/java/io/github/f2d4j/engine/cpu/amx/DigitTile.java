package io.github.f2d4j.engine.cpu.amx;

import io.github.f2d4j.engine.backend.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Operands as {@link Digits}, off the heap: strips of {@link Amx#ROWS} rows of a, a panel of {@link
 * Amx#COLUMNS} columns of b, and slots for the sums of a strip and a panel, in float32. For one
 * thread at a time. May be touched only where {@link Amx#used} is true.
 */
public final class DigitTile {
  /** Steps of k that go together. */
  public static final int DEPTH = Digits.DEPTH;

  /** Where the weights of products of digits lie behind the tiles' configuration. */
  static final int WEIGHTS = Tiles.ROW;

  private static final MethodHandle CALL = Amx.call();
  private static final MemorySegment SETTING = setting();
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
  private static final ValueLayout.OfFloat ANY_FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int SUMS = Amx.ROWS * Amx.COLUMNS;
  private static final int COLUMNS_STEP = Digits.COLUMNS_STEP / Integer.BYTES;

  private final TileFunction function;
  private final float[] up = new float[Tiles.SIDE];
  private final int[] largest = new int[Amx.COLUMNS];
  private final int[] columnsStep = new int[COLUMNS_STEP];

  /** Half a strip: 16 rows' steps, and their scales. */
  private int[] half = new int[0];

  private MemorySegment strips = MemorySegment.NULL;
  private MemorySegment panel = MemorySegment.NULL;
  private MemorySegment sums = MemorySegment.NULL;

  /**
   * Nothing yet.
   *
   * @param precision highest or high
   */
  public DigitTile(Precision precision) {
    function =
        switch (precision) {
          case HIGHEST -> TileFunction.EIGHT_PRODUCTS;
          case HIGH -> TileFunction.SIX_PRODUCTS;
          case MEDIUM -> throw new IllegalArgumentException("digits have more than 8 bits");
        };
  }

  /**
   * Makes room for {@code strips} and a panel of at most {@code depth} steps, and {@code slots}.
   */
  public void reserve(int strips, int depth, int slots) {
    this.strips = atLeast(strips * stripBytes(depth), this.strips);
    panel = atLeast(panelBytes(depth), panel);
    sums = atLeast(4L * slots * SUMS, sums);
    if (half.length < halfInts(depth)) {
      half = new int[halfInts(depth)];
    }
  }

  private static MemorySegment atLeast(long bytes, MemorySegment memory) {
    return memory.byteSize() >= bytes ? memory : HostBuffer.allocate(bytes).segment();
  }

  private static int steps(int depth) {
    return Math.ceilDiv(depth, DEPTH);
  }

  private static int halfInts(int depth) {
    return (steps(depth) * Digits.ROWS_STEP + Digits.SCALES) / Integer.BYTES;
  }

  private static long stripBytes(int depth) {
    return (long) Amx.ROWS / Tiles.SIDE * halfInts(depth) * Integer.BYTES;
  }

  /** Bytes of a panel of {@code depth} steps of k, as {@link #keep} writes it too. */
  public static long panelBytes(int depth) {
    return (long) Amx.COLUMNS / Tiles.SIDE * steps(depth) * Digits.COLUMNS_STEP;
  }

  /**
   * Takes a strip.
   *
   * @param a element (row, k) at {@code row * pitch + k}, with zeros behind {@code depth} up to the
   *     next multiple of {@link #DEPTH}
   */
  public void strip(int index, float[] a, int pitch, int depth) {
    int steps = steps(depth);
    int ints = halfInts(depth);
    long to = index * stripBytes(depth);
    for (int first = 0; first < Amx.ROWS; first += Tiles.SIDE) {
      for (int row = 0; row < Tiles.SIDE; row++) {
        int from = (first + row) * pitch;
        int most = Digits.largest(a, from, steps * DEPTH);
        half[ints - Tiles.SIDE + row] = Float.floatToRawIntBits(Digits.scale(most));
        Arrays.fill(up, Digits.up(most));
        Digits.ofRow(a, from, steps, up, half, row * Tiles.SIDE);
      }
      MemorySegment.copy(half, 0, strips, INT, to, ints);
      to += 4L * ints;
    }
  }

  /**
   * Takes the panel.
   *
   * @param b element (k, column) at {@code k * COLUMNS + column}, otherwise as {@link #strip}'s
   */
  public void panel(float[] b, int depth) {
    Arrays.fill(largest, 0);
    Digits.largest(b, depth, largest);
    columns(b, 0, depth, depth, largest, panel, 0, columnsStep);
  }

  /**
   * Writes a panel that is to be kept.
   *
   * @param floats dense [depth, {@link Amx#COLUMNS}]
   * @param stretch steps of k that share their scales, a multiple of {@link #DEPTH}
   * @param at its first byte in {@code memory}
   */
  public static void keep(
      MemorySegment floats, int depth, int stretch, MemorySegment memory, long at) {
    float[] chunk = new float[DEPTH * Amx.COLUMNS];
    int[] largest = new int[Amx.COLUMNS];
    int[] step = new int[COLUMNS_STEP];
    for (int from = 0; from < depth; from += stretch) {
      int end = Math.min(from + stretch, depth);
      Arrays.fill(largest, 0);
      for (int k = from; k < end; k += DEPTH) {
        Digits.largest(chunk, copy(floats, k, end, chunk), largest);
      }
      for (int k = from; k < end; k += DEPTH) {
        int length = copy(floats, k, end, chunk);
        Arrays.fill(chunk, length * Amx.COLUMNS, chunk.length, 0f);
        columns(chunk, k, length, depth, largest, memory, at, step);
      }
    }
  }

  private static int copy(MemorySegment floats, int k, int end, float[] chunk) {
    int length = Math.min(DEPTH, end - k);
    MemorySegment.copy(floats, ANY_FLOAT, 4L * k * Amx.COLUMNS, chunk, 0, length * Amx.COLUMNS);
    return length;
  }

  /** Writes steps {@code [k, k + length)} of a panel that starts at byte {@code panel}. */
  private static void columns(
      float[] b,
      int k,
      int length,
      int depth,
      int[] largest,
      MemorySegment memory,
      long panel,
      int[] step) {
    float[] up = new float[Tiles.SIDE];
    for (int column = 0; column < Amx.COLUMNS; column += Tiles.SIDE) {
      int group = column / Tiles.SIDE;
      long to = panel + ((long) group * steps(depth) + k / DEPTH) * Digits.COLUMNS_STEP;
      for (int i = 0; i < Tiles.SIDE; i++) {
        int most = largest[column + i];
        step[COLUMNS_STEP - Tiles.SIDE + i] = Float.floatToRawIntBits(Digits.scale(most));
        up[i] = Digits.up(most);
      }
      for (int s = 0; s < steps(length); s++) {
        Digits.ofColumns(b, s * DEPTH * Amx.COLUMNS + column, up, step);
        MemorySegment.copy(step, 0, memory, INT, to, COLUMNS_STEP);
        to += Digits.COLUMNS_STEP;
      }
    }
  }

  /**
   * Multiplies strips and the panel: adds to the sums in their slots, or puts them there.
   *
   * @param strip the first strip
   * @param count of strips
   * @param depth steps of k, as many as the strips and the panel have
   * @param slot the first strip's slot
   * @param first whether what is there does not count
   */
  public void multiply(int strip, int count, int depth, int slot, boolean first) {
    multiply(strip, count, panel, 0, depth, slot, first);
  }

  /**
   * The same with steps {@code [k, k + depth)} of a panel that was kept.
   *
   * @param k a multiple of {@link #DEPTH}
   * @param all steps of k of the panel
   */
  public void multiplyKept(
      int strip,
      int count,
      MemorySegment memory,
      long panel,
      int k,
      int all,
      int depth,
      int slot,
      boolean first) {
    long step = Digits.COLUMNS_STEP;
    MemorySegment b = memory.asSlice(panel, panelBytes(all)).asSlice(k / DEPTH * step);
    multiply(strip, count, b, step * (steps(all) - steps(depth)), depth, slot, first);
  }

  private void multiply(
      int strip, int count, MemorySegment b, long skip, int depth, int slot, boolean first) {
    MemorySegment c = sums.asSlice(4L * slot * SUMS, 4L * count * SUMS);
    if (depth == 0) {
      // The function's loop runs at least once.
      if (first) {
        c.fill((byte) 0);
      }
      return;
    }
    long bytes = stripBytes(depth);
    MemorySegment a = strips.asSlice(strip * bytes, count * bytes);
    MemorySegment code = Amx.function(function, !first);
    for (int done = 0; done < count; done += Amx.STRIPS) {
      long some = Math.min(Amx.STRIPS, count - done);
      try {
        CALL.invokeExact(
            code,
            a.asSlice(done * bytes),
            b,
            c.asSlice(4L * done * SUMS),
            (long) steps(depth),
            SETTING,
            some,
            skip);
      } catch (Throwable t) {
        throw new AssertionError(t);
      }
    }
  }

  /** Copies the sums of slots to the same place of {@code to}. */
  public void read(int slot, int count, float[] to) {
    MemorySegment.copy(sums, FLOAT, 4L * slot * SUMS, to, slot * SUMS, count * SUMS);
  }

  /** Tiles' configuration and what products of digits are worth, those of the highest first. */
  private static MemorySegment setting() {
    MemorySegment setting = Tiles.config(4 * Float.BYTES);
    for (int weight = 0; weight < 4; weight++) {
      float power = (float) Math.scalb(1.0, 32 - 8 * weight);
      setting.set(ValueLayout.JAVA_FLOAT, WEIGHTS + 4L * weight, power);
    }
    return setting;
  }
}
