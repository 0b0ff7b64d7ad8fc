package io.github.f2d4j.engine.cpu.amx;

import io.github.f2d4j.engine.backend.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentHashMap;

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

  private static final MemorySegment SETTING = setting();
  private static final MemorySegment CONSTANTS = SplitCode.constants();
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
  private static final int SUMS = Amx.ROWS * Amx.COLUMNS;
  private static final int BANDS = Amx.ROWS / Tiles.SIDE;
  private static final int GROUPS = Amx.COLUMNS / Tiles.SIDE;

  /** The functions so far. Stretches of k are cut so that they have few lengths. */
  private static final ConcurrentHashMap<Form, MemorySegment> CODE = new ConcurrentHashMap<>();

  /** What a function depends on, see {@link DigitCode#multiply}. */
  private record Form(int weights, boolean resume, int steps) {}

  private static final MemorySegment COLUMNS = Amx.function(TileFunction.SPLIT_COLUMNS, false);
  private static final MemorySegment SPLIT_ROWS = Amx.function(TileFunction.SPLIT_ROWS, false);

  /** Products of digits i and j are made for i + j below this. */
  private final int weights;

  /** What is copied off the heap. */
  private MemorySegment copied = MemorySegment.NULL;

  private MemorySegment strips = MemorySegment.NULL;
  private MemorySegment zeros = MemorySegment.NULL;
  private MemorySegment panel = MemorySegment.NULL;
  private MemorySegment sums = MemorySegment.NULL;

  /**
   * Nothing yet.
   *
   * @param precision highest or high
   */
  public DigitTile(Precision precision) {
    weights =
        switch (precision) {
          case HIGHEST -> 4;
          case HIGH -> 3;
          case MEDIUM -> throw new IllegalArgumentException("digits have more than 8 bits");
        };
  }

  /**
   * Makes room for {@code strips} and a panel of at most {@code depth} steps of k, and for sums of
   * {@code slots} strips and panels.
   */
  public void reserve(int strips, int depth, int slots) {
    this.strips = atLeast(strips * stripBytes(depth), this.strips);
    panel = atLeast(panelBytes(depth), panel);
    sums = atLeast(4L * slots * SUMS, sums);
    zeros = atLeast(4L * steps(depth) * DEPTH, zeros);
  }

  private static MemorySegment atLeast(long bytes, MemorySegment memory) {
    return memory.byteSize() >= bytes ? memory : HostBuffer.allocate(bytes).segment();
  }

  private static int steps(int depth) {
    return Math.ceilDiv(depth, DEPTH);
  }

  /** Bytes of half a strip: 16 rows' steps, and their scales. */
  private static long halfBytes(int depth) {
    return (long) steps(depth) * Digits.ROWS_STEP + Digits.SCALES;
  }

  private static long stripBytes(int depth) {
    return Amx.ROWS / Tiles.SIDE * halfBytes(depth);
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
    int padded = steps(depth) * DEPTH;
    copied = atLeast(4L * Amx.ROWS * padded, copied);
    for (int row = 0; row < Amx.ROWS; row++) {
      MemorySegment.copy(a, row * pitch, copied, FLOAT, 4L * row * padded, padded);
    }
    strip(index, copied, 0, 4L * padded, Amx.ROWS, depth);
  }

  /**
   * Takes a strip of rows where they lie, off the heap.
   *
   * @param from the first row's first byte
   * @param pitch bytes from one row to the next; behind {@code depth} come zeros, as above
   * @param count of rows; the strip's others become 0
   */
  public void strip(int index, MemorySegment memory, long from, long pitch, int count, int depth) {
    long bytes = halfBytes(depth);
    long to = Amx.address(strips, index * stripBytes(depth), stripBytes(depth));
    long row = 4L * steps(depth) * DEPTH;
    for (int first = 0; first < Amx.ROWS; first += Tiles.SIDE) {
      int some = Math.clamp(count - first, 0, Tiles.SIDE);
      if (some > 0) {
        long x = Amx.address(memory, from + first * pitch, (some - 1) * pitch + row);
        split(x, pitch, 0, some, depth, to);
      }
      if (some < Tiles.SIDE) {
        split(Amx.address(zeros, 0, row), 0, some, Tiles.SIDE - some, depth, to);
      }
      to += bytes;
    }
  }

  /**
   * Digits of rows, from {@code row} on of the 16 in {@code to}.
   *
   * @param x the first row's address
   * @param to address of the digits of 16 rows
   */
  static void split(long x, long pitch, int row, int count, int depth, long to) {
    long steps = steps(depth);
    if (steps == 0) {
      // The function's loop runs at least once.
      return;
    }
    long scales = to + steps * Digits.ROWS_STEP + (long) row * Float.BYTES;
    Amx.call(
        SPLIT_ROWS,
        x,
        CONSTANTS.address(),
        to + (long) row * Tiles.ROW,
        steps,
        scales,
        (long) count,
        pitch,
        0,
        0);
  }

  /**
   * Takes a panel.
   *
   * @param b element (k, column) at {@code k * COLUMNS + column}, otherwise as {@link #strip}'s
   */
  public void panel(float[] b, int depth) {
    int padded = steps(depth) * DEPTH * Amx.COLUMNS;
    copied = atLeast(4L * padded, copied);
    MemorySegment.copy(b, 0, copied, FLOAT, 0, padded);
    panel(copied, depth);
  }

  /**
   * Takes a panel off the heap.
   *
   * @param b dense [depth rounded up to steps, {@link Amx#COLUMNS}], with zeros behind depth
   */
  public void panel(MemorySegment b, int depth) {
    split(b, 0, depth, panel, 0, 0);
  }

  /**
   * Writes a panel that is to be kept.
   *
   * @param floats dense [depth rounded up to steps, {@link Amx#COLUMNS}], with zeros behind depth
   * @param stretch steps of k that share their scales, a multiple of {@link #DEPTH}
   * @param at its first byte in {@code memory}
   */
  public static void keep(
      MemorySegment floats, int depth, int stretch, MemorySegment memory, long at) {
    for (int k = 0; k < depth; k += stretch) {
      int length = Math.min(stretch, depth - k);
      long skip = (long) (steps(depth) - steps(length)) * Digits.COLUMNS_STEP;
      split(floats, k, length, memory, at + (long) k / DEPTH * Digits.COLUMNS_STEP, skip);
    }
  }

  /** Digits of steps {@code [k, k + length)} of columns. */
  private static void split(
      MemorySegment b, int k, int length, MemorySegment to, long at, long skip) {
    long row = (long) Amx.COLUMNS * Float.BYTES;
    long x = Amx.address(b, k * row, (long) steps(length) * DEPTH * row);
    long y = Amx.address(to, at, panelBytes(length) + (GROUPS - 1) * skip);
    if (length == 0) {
      return;
    }
    Amx.call(COLUMNS, x, CONSTANTS.address(), y, (long) steps(length), 0L, skip, 0, 0, 0);
  }

  /**
   * Where a panel of steps lies.
   *
   * @param at its first byte
   * @param skip bytes between 16 columns and the next 16
   * @param ahead bytes to what is probably wanted next
   */
  public record Panel(MemorySegment memory, long at, long skip, long ahead) {}

  /** The panel that was taken. */
  public Panel panel() {
    return new Panel(panel, 0, 0, 0);
  }

  /**
   * Steps {@code [k, k + depth)} of a panel that was kept.
   *
   * @param at its first byte
   * @param k a multiple of {@link #DEPTH}
   * @param all steps of k of the panel
   */
  public static Panel kept(MemorySegment memory, long at, int k, int depth, int all) {
    long step = Digits.COLUMNS_STEP;
    long panel = panelBytes(all);
    return new Panel(
        memory,
        at + k / DEPTH * step,
        step * (steps(all) - steps(depth)),
        at + 2 * panel > memory.byteSize() ? 0 : panel);
  }

  /**
   * Multiplies strips and a panel: adds to the sums in their slots, or puts them there.
   *
   * @param strip the first strip
   * @param count of strips
   * @param depth steps of k, as many as the strips and the panel have
   * @param slot the first strip's slot
   * @param first whether what is there does not count
   */
  public void multiply(int strip, int count, Panel panel, int depth, int slot, boolean first) {
    long row = (long) Amx.COLUMNS * Float.BYTES;
    multiply(strip, count, panel, depth, sums, 4L * slot * SUMS, row, first);
  }

  /**
   * The same with sums anywhere off the heap.
   *
   * @param at the byte of {@code c} of the sums of the first strip's first row
   * @param pitch bytes from one row of sums to the next
   */
  public void multiply(
      int strip,
      int count,
      Panel panel,
      int depth,
      MemorySegment c,
      long at,
      long pitch,
      boolean first) {
    long row = (long) Amx.COLUMNS * Float.BYTES;
    long rows = (long) count * Amx.ROWS;
    long to = Amx.address(c, at, (rows - 1) * pitch + row);
    if (depth == 0) {
      // The function's loop runs at least once.
      for (long r = 0; first && r < rows; r++) {
        c.asSlice(at + r * pitch, row).fill((byte) 0);
      }
      return;
    }
    long bytes = stripBytes(depth);
    long a = Amx.address(strips, strip * bytes, count * bytes);
    long b = Amx.address(panel.memory, panel.at, panelBytes(depth) + (GROUPS - 1) * panel.skip);
    MemorySegment code = code(weights, !first, steps(depth));
    for (int done = 0; done < count; done += Amx.STRIPS) {
      Amx.call(
          code,
          a + done * bytes,
          b,
          to + (long) done * Amx.ROWS * pitch,
          SETTING.address(),
          (long) Math.min(Amx.STRIPS, count - done) * BANDS,
          (long) GROUPS,
          panel.skip,
          pitch,
          panel.ahead);
    }
  }

  /** The function for a number of steps, which is made when it is first wanted. */
  private static MemorySegment code(int weights, boolean resume, int steps) {
    return CODE.computeIfAbsent(
        new Form(weights, resume, steps),
        form -> Amx.place(DigitCode.multiply(form.weights, form.resume, form.steps)));
  }

  /** All slots, which lie one behind the other. */
  public MemorySegment slots() {
    return sums;
  }

  /** Copies {@code count} floats of the slots from float {@code from} on. */
  public void read(int from, int count, float[] to, int at) {
    MemorySegment.copy(sums, FLOAT, 4L * from, to, at, count);
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
