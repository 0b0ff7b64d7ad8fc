package io.github.f2d4j.engine.cpu.amx;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Operands in the form in which the matrix unit multiplies them, off the heap: strips of {@link
 * Amx#ROWS} rows of a, panels of {@link Amx#COLUMNS} columns of b, and slots for the sums of a
 * strip and a panel. For one thread at a time. May be touched only where {@link Amx#used} is true.
 */
public final class BfloatTile {

  private static final MemorySegment START = Amx.function(TileFunction.BFLOAT_STRIPS, false);
  private static final MemorySegment RESUME = Amx.function(TileFunction.BFLOAT_STRIPS, true);
  private static final MemorySegment PLACED = Amx.function(TileFunction.BFLOAT_WINDOWS, false);
  private static final MemorySegment PLACED_RESUME =
      Amx.function(TileFunction.BFLOAT_WINDOWS, true);
  private static final MemorySegment ROUND = Amx.function(TileFunction.ROUND_ROWS, false);
  private static final MemorySegment ROUNDING = RoundCode.constants();
  private static final MemorySegment CONFIG = Tiles.config(0);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
  private static final int SUMS = Amx.ROWS * Amx.COLUMNS;

  /** Steps of k that go together. */
  public static final int DEPTH = Bfloats.DEPTH;

  /** Ints of a step of a strip, and of 16 columns of a panel. */
  private static final int ROWS_STEP = 2 * Tiles.INTS;

  private static final int COLUMNS_STEP = Tiles.INTS;

  private static final VectorSpecies<Integer> I =
      VectorLanes.F32.withLanes(int.class).check(int.class);
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  private final int[] step = new int[ROWS_STEP];

  /** Where strips lie if they are windows of an image; null if they were copied. */
  private @Nullable Windows windows;

  /** The first step of those windows that counts. */
  private int tap;

  /** The addresses of their bands of 16 rows. */
  private MemorySegment bands = MemorySegment.NULL;

  private MemorySegment strips = MemorySegment.NULL;
  private MemorySegment panels = MemorySegment.NULL;
  private MemorySegment sums = MemorySegment.NULL;

  /**
   * Makes room for {@code strips} and {@code panels} of at most {@code depth} steps of k, and for
   * sums of {@code slots} strips and panels.
   */
  public void reserve(int strips, int panels, int depth, int slots) {
    windows = null;
    bands = atLeast(2L * strips * Long.BYTES, bands);
    this.strips = atLeast(strips * bytes(Amx.ROWS, depth), this.strips);
    this.panels = atLeast(panels * panelBytes(depth), this.panels);
    this.sums = atLeast(4L * slots * SUMS, this.sums);
  }

  private static MemorySegment atLeast(long bytes, MemorySegment memory) {
    return memory.byteSize() >= bytes ? memory : HostBuffer.allocate(bytes).segment();
  }

  private static int steps(int depth) {
    return Math.ceilDiv(depth, DEPTH);
  }

  /** Bytes of so many rows or columns. */
  private static long bytes(int count, int depth) {
    return (long) count / Tiles.SIDE * steps(depth) * Tiles.BYTES;
  }

  /** Bytes of a panel. */
  private static long panelBytes(int depth) {
    return bytes(Amx.COLUMNS, depth);
  }

  /** Bytes of a panel of {@code depth} steps of k that is kept as {@link #keep} makes it. */
  public static long keptBytes(int depth) {
    return panelBytes(depth);
  }

  /**
   * Takes steps {@code [k, k + length)} of strip {@code index}.
   *
   * @param a element (row, i) at {@code row * pitch + i}, i from k on, with zeros behind {@code
   *     length} up to the next multiple of {@link #DEPTH}
   * @param k a multiple of {@link #DEPTH}
   * @param depth steps of k, the same for all strips and panels
   */
  public void strip(int index, float[] a, int pitch, int k, int length, int depth) {
    windows = null;
    long to = index * bytes(Amx.ROWS, depth) + k / DEPTH * 4L * ROWS_STEP;
    for (int s = 0; s < steps(length); s++) {
      Bfloats.ofRows(a, pitch, s * DEPTH, step);
      MemorySegment.copy(step, 0, strips, INT, to, ROWS_STEP);
      to += 4L * ROWS_STEP;
    }
  }

  /**
   * Takes a strip of rows where they lie, off the heap.
   *
   * @param from the first row's first byte
   * @param pitch bytes from one row to the next; behind {@code depth} come zeros, as above
   * @param count of rows; the strip's others become 0
   */
  public void strip(int index, MemorySegment memory, long from, long pitch, int count, int depth) {
    windows = null;
    long strip = index * bytes(Amx.ROWS, depth);
    if (count < Amx.ROWS) {
      strips.asSlice(strip, bytes(Amx.ROWS, depth)).fill((byte) 0);
    }
    round(memory, from, pitch, count, steps(depth), strips, strip, 4L * ROWS_STEP);
  }

  /**
   * Rounds rows.
   *
   * @param from the first row's first byte
   * @param pitch bytes from one row to the next
   * @param to where the first row's first step goes, {@code at}; the other rows lie behind it
   * @param apart bytes from one step to the next
   */
  private static void round(
      MemorySegment memory,
      long from,
      long pitch,
      int rows,
      long steps,
      MemorySegment to,
      long at,
      long apart) {
    if (rows == 0 || steps == 0) {
      // The function's loops run at least once.
      return;
    }
    long row = steps * DEPTH * Float.BYTES;
    Amx.call(
        ROUND,
        Amx.address(memory, from, (rows - 1) * pitch + row),
        ROUNDING.address(),
        Amx.address(to, at, (steps - 1) * apart + (long) rows * Tiles.ROW),
        steps,
        rows,
        pitch,
        apart,
        0,
        0);
  }

  /**
   * Rounds numbers to the form that {@link #keptRow} and {@link Windows} take.
   *
   * @param from their first byte
   * @param count a multiple of {@link #DEPTH}
   * @param at their first byte in {@code to}
   */
  public static void round(MemorySegment floats, long from, long count, MemorySegment to, long at) {
    round(floats, from, 0, 1, count / DEPTH, to, at, Tiles.ROW);
  }

  /**
   * Windows of an image of rounded numbers.
   *
   * @param memory the image
   * @param pitch bytes from a pixel's row to the next pixel's
   * @param taps for each step of k, bytes from a pixel's row to the step
   * @param reach bytes behind a pixel's row that its steps reach
   */
  public record Windows(MemorySegment memory, long pitch, MemorySegment taps, long reach) {}

  /**
   * Takes 16 rows of a strip that are windows of an image, where they lie.
   *
   * @param half of the strip, 0 or 1
   * @param from the first row's byte in the image
   * @param k the first step that counts, a multiple of {@link #DEPTH}
   */
  public void windows(Windows image, int index, int half, long from, int k) {
    windows = image;
    tap = k / DEPTH;
    long reach = (Tiles.SIDE - 1) * image.pitch + image.reach;
    long address = Amx.address(image.memory, from, reach);
    bands.set(ValueLayout.JAVA_LONG, (2L * index + half) * Long.BYTES, address);
  }

  /**
   * Takes steps {@code [k, k + length)} of one row of a strip.
   *
   * @param k as {@code length}, a multiple of {@link #DEPTH}
   * @param from the first number's byte
   */
  public void keptRow(
      int index, int row, int k, int length, int depth, MemorySegment memory, long from) {
    windows = null;
    long to = rowAt(index, row, k, depth);
    for (int s = 0; s < length / DEPTH; s++) {
      IntVector.fromMemorySegment(I, memory, from + (long) Tiles.ROW * s, LITTLE)
          .intoMemorySegment(strips, to + 4L * ROWS_STEP * s, LITTLE);
    }
  }

  /** Makes them 0. */
  public void clearRow(int index, int row, int k, int length, int depth) {
    windows = null;
    long to = rowAt(index, row, k, depth);
    for (int s = 0; s < length / DEPTH; s++) {
      IntVector.zero(I).intoMemorySegment(strips, to + 4L * ROWS_STEP * s, LITTLE);
    }
  }

  private long rowAt(int index, int row, int k, int depth) {
    long strip = index * bytes(Amx.ROWS, depth);
    return strip + k / DEPTH * 4L * ROWS_STEP + (long) Tiles.ROW * row;
  }

  /**
   * Takes steps {@code [k, k + length)} of panel {@code index}.
   *
   * @param b element (i, column) at {@code i * COLUMNS + column}, otherwise as {@link #strip}'s
   */
  public void panel(int index, float[] b, int k, int length, int depth) {
    long to = index * panelBytes(depth);
    columns(b, k, length, depth, panels, to, step);
  }

  private static void columns(
      float[] b, int k, int length, int depth, MemorySegment memory, long panel, int[] step) {
    for (int column = 0; column < Amx.COLUMNS; column += Tiles.SIDE) {
      long to = panel + bytes(column, depth) + k / DEPTH * 4L * COLUMNS_STEP;
      for (int s = 0; s < steps(length); s++) {
        Bfloats.ofColumns(b, Amx.COLUMNS, s * DEPTH * Amx.COLUMNS + column, step);
        MemorySegment.copy(step, 0, memory, INT, to, COLUMNS_STEP);
        to += 4L * COLUMNS_STEP;
      }
    }
  }

  /**
   * Writes steps {@code [k, k + length)} of a panel that is to be kept, in {@link #keptBytes} from
   * byte {@code panel} of {@code memory} on. Arguments as {@link #panel}'s.
   */
  public static void keep(
      float[] b, int k, int length, int depth, MemorySegment memory, long panel) {
    int[] step = new int[COLUMNS_STEP];
    columns(b, k, length, depth, memory, panel, step);
  }

  /**
   * Multiplies strips and a panel: adds to the sums in their slots, or puts them there.
   *
   * @param strip the first strip
   * @param count of strips
   * @param slot the first strip's slot
   * @param first whether what is there does not count
   */
  public void multiply(int strip, int count, int panel, int depth, int slot, boolean first) {
    long bytes = panelBytes(depth);
    multiply(strip, count, Amx.address(panels, panel * bytes, bytes), 0, depth, slot, first);
  }

  /**
   * The same with steps {@code [k, k + depth)} of a panel that was kept.
   *
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
    long from = 4L * COLUMNS_STEP * (k / DEPTH);
    long bytes = panelBytes(all);
    long skip = 4L * COLUMNS_STEP * (steps(all) - steps(depth));
    long b = Amx.address(memory, panel, bytes) + from;
    multiply(strip, count, b, skip, depth, slot, first);
  }

  private void multiply(
      int strip, int count, long b, long skip, int depth, int slot, boolean first) {
    long c = Amx.address(sums, 4L * slot * SUMS, 4L * count * SUMS);
    if (depth == 0) {
      // The function's loop runs at least once.
      if (first) {
        sums.asSlice(4L * slot * SUMS, 4L * count * SUMS).fill((byte) 0);
      }
      return;
    }
    if (windows != null) {
      multiply(windows, strip, count, b, skip, steps(depth), c, first);
      return;
    }
    long bytes = bytes(Amx.ROWS, depth);
    long a = Amx.address(strips, strip * bytes, count * bytes);
    MemorySegment function = first ? START : RESUME;
    for (int done = 0; done < count; done += Amx.STRIPS) {
      Amx.call(
          function,
          a + done * bytes,
          b,
          c + 4L * done * SUMS,
          (long) steps(depth),
          CONFIG.address(),
          (long) Math.min(Amx.STRIPS, count - done),
          skip,
          0,
          0);
    }
  }

  private void multiply(
      Windows image, int strip, int count, long b, long skip, long steps, long c, boolean first) {
    long taps = Amx.address(image.taps, (long) tap * Long.BYTES, steps * Long.BYTES);
    long starts = Amx.address(bands, 2L * strip * Long.BYTES, 2L * count * Long.BYTES);
    for (int done = 0; done < count; done += Amx.STRIPS) {
      Amx.call(
          first ? PLACED : PLACED_RESUME,
          starts + 2L * done * Long.BYTES,
          b,
          c + 4L * done * SUMS,
          steps,
          CONFIG.address(),
          Math.min(Amx.STRIPS, count - done),
          skip,
          taps,
          image.pitch);
    }
  }

  /** All slots, which lie one behind the other. */
  public MemorySegment slots() {
    return sums;
  }

  /** Copies {@code count} floats of the slots from float {@code from} on. */
  public void read(int from, int count, float[] to, int at) {
    MemorySegment.copy(sums, FLOAT, 4L * from, to, at, count);
  }
}
