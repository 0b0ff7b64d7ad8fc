package io.github.f2d4j.engine.cpu.amx;

import io.github.f2d4j.engine.backend.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Operands of attention of one head, off the heap, and what the online softmax knows of strips of
 * queries. For one thread at a time. May be touched only where {@link Amx#used} is true.
 *
 * <p>Queries, keys and values come as float32 rows of d neighbouring channels. How exactly they are
 * multiplied follows from {@link Amx#precision}: float32 numbers become three bfloat16 parts, whose
 * six products of more than float32's weight are summed in float32.
 */
public final class UnitHead {
  /** Queries of a strip. */
  public static final int QUERIES = HeadShape.QUERIES;

  /** Keys that are taken together; fewer only at the end. */
  public static final int KEYS = HeadShape.KEYS;

  private static final int MOST_CHANNELS = 512;

  /** The functions for heads of one shape, and a strip of no keys. */
  private record Functions(
      MemorySegment queries,
      MemorySegment keys,
      MemorySegment values,
      MemorySegment attend,
      MemorySegment results,
      MemorySegment nothing) {}

  private static final ConcurrentHashMap<HeadShape, Functions> FUNCTIONS =
      new ConcurrentHashMap<>();

  private static final MemorySegment SETTING = AttendCode.setting();
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
  private static final int HALF = Tiles.SIDE;

  /** Where 16 rows lie, in bytes from the first. */
  private final MemorySegment index = HostBuffer.allocate(Tiles.ROW).segment();

  /** For which pitch. */
  private long indexed;

  private final MemorySegment factor = HostBuffer.allocate(Float.BYTES).segment();
  private MemorySegment work = MemorySegment.NULL;
  private MemorySegment queries = MemorySegment.NULL;
  private MemorySegment keys = MemorySegment.NULL;
  private MemorySegment values = MemorySegment.NULL;
  private MemorySegment strips = MemorySegment.NULL;

  private HeadShape shape;
  private Functions functions;
  private int mostKeys;
  private int count;

  /**
   * Room for attention.
   *
   * @param d channels, which must {@link #fits fit}
   * @param keys the most that are taken at a time
   * @param strips of queries
   */
  public UnitHead(int d, int keys, int strips) {
    shape = shape(d);
    functions = functions(shape);
    reserve(d, keys, strips);
  }

  /** Makes room for other sizes, as the constructor. What was taken is lost. */
  public void reserve(int d, int keys, int strips) {
    shape = shape(d);
    functions = functions(shape);
    mostKeys = keys;
    int blocks = Math.ceilDiv(keys, KEYS);
    work = atLeast(AttendCode.workBytes(shape), work);
    queries = atLeast(2L * shape.queryBytes(), queries);
    this.keys = atLeast((long) blocks * KEYS * shape.keyBytes(), this.keys);
    values = atLeast((long) blocks * shape.valueBytes(), values);
    this.strips = atLeast((long) strips * shape.stripBytes(), this.strips);
  }

  private static MemorySegment atLeast(long bytes, MemorySegment memory) {
    return memory.byteSize() >= bytes ? memory : HostBuffer.allocate(bytes).segment();
  }

  private static HeadShape shape(int d) {
    if (!fits(d)) {
      throw new IllegalArgumentException(
          "the matrix unit attends with heads of a multiple of 8 channels, from 16 to "
              + MOST_CHANNELS
              + ", not with "
              + d);
    }
    return new HeadShape(d, Amx.precision() == Precision.MEDIUM ? 1 : 3);
  }

  private static Functions functions(HeadShape shape) {
    return FUNCTIONS.computeIfAbsent(shape, UnitHead::place);
  }

  private static Functions place(HeadShape shape) {
    return new Functions(
        Amx.place(HeadCode.queries(shape)),
        Amx.place(HeadCode.keys(shape)),
        Amx.place(HeadCode.values(shape)),
        Amx.place(AttendCode.of(shape)),
        Amx.place(HeadCode.results(shape)),
        nothing(shape));
  }

  /** Whether there is code for heads of {@code d} channels. */
  public static boolean fits(int d) {
    return d % 8 == 0 && d >= 2 * 8 && d <= MOST_CHANNELS;
  }

  /** Bytes that a key and its value take. */
  public static int bytesOfKey(int d) {
    HeadShape shape = shape(d);
    return shape.keyBytes() + shape.valueBytes() / KEYS;
  }

  /** Starts a strip, of no keys yet. */
  public void start(int strip) {
    long bytes = shape.stripBytes();
    MemorySegment.copy(functions.nothing, 0, strips, strip * bytes, bytes);
  }

  /** A strip of no keys. */
  private static MemorySegment nothing(HeadShape shape) {
    MemorySegment strip = HostBuffer.allocate(shape.stripBytes()).segment();
    for (int half = 0; half < 2; half++) {
      long at = HeadShape.reference(half);
      for (int query = 0; query < HALF; query++) {
        strip.set(FLOAT, at + 4L * query, AttendCode.NO_REFERENCE);
      }
    }
    return strip;
  }

  private long strip(int strip) {
    long bytes = shape.stripBytes();
    return Amx.address(strips, strip * bytes, bytes);
  }

  /**
   * Takes keys and values, in the place of those before.
   *
   * @param k keys, the first one's row at byte {@code from}
   * @param pitch bytes from one key's row to the next
   * @param v values, the same with {@code vFrom} and {@code vPitch}
   * @param count of keys, as many as there is room for or fewer
   */
  public void keys(
      MemorySegment k, long from, long pitch, MemorySegment v, long vFrom, long vPitch, int count) {
    if (count < 1 || count > mostKeys) {
      throw new IllegalArgumentException(count + " keys, where there is room for 1 to " + mostKeys);
    }
    this.count = count;
    call(functions.keys, rows(k, from, pitch, count), keys.address(), count, pitch);
    index(vPitch);
    for (int first = 0; first < count; first += KEYS) {
      int some = Math.min(KEYS, count - first);
      call(
          functions.values,
          rows(v, vFrom + first * vPitch, vPitch, some),
          values.address() + (long) first / KEYS * shape.valueBytes(),
          mask(some),
          HALF * vPitch);
    }
  }

  /** The address of {@code count} rows, which must be there. */
  private long rows(MemorySegment memory, long from, long pitch, int count) {
    return Amx.address(memory, from, (count - 1) * pitch + 4L * shape.d());
  }

  /**
   * Attends with up to {@link #QUERIES} queries, which are a strip, to the keys that were taken.
   *
   * @param q queries, the first one's row at byte {@code from}
   * @param pitch bytes from one row to the next
   * @param factor of the scores, in units of log₂
   */
  public void attend(int strip, MemorySegment q, long from, long pitch, int count, float factor) {
    index(pitch);
    this.factor.set(FLOAT, 0, factor);
    for (int half = 0; half < 2; half++) {
      int some = Math.clamp(count - half * HALF, 0, HALF);
      // Nothing is read of a half without queries.
      long rows = some == 0 ? 0 : rows(q, from + (long) half * HALF * pitch, pitch, some);
      long to = queries.address() + (long) half * shape.queryBytes();
      call(functions.queries, rows, to, mask(some), 0);
    }
    long blocks = Math.ceilDiv(this.count, KEYS);
    Amx.call(
        functions.attend,
        queries.address(),
        keys.address(),
        values.address(),
        blocks,
        SETTING.address(),
        strip(strip),
        work.address(),
        blocks * KEYS - this.count,
        0);
  }

  /**
   * Writes a strip's results.
   *
   * @param y where they go, the first row at byte {@code at}
   * @param pitch bytes from one row to the next
   * @param count of queries
   */
  public void results(int strip, MemorySegment y, long at, long pitch, int count) {
    index(pitch);
    for (int half = 0; half * HALF < count; half++) {
      int some = Math.min(HALF, count - half * HALF);
      long to = rows(y, at + (long) half * HALF * pitch, pitch, some);
      call(functions.results, to, strip(strip), mask(some), half);
    }
  }

  private void index(long pitch) {
    if (pitch == indexed) {
      return;
    }
    indexed = pitch;
    for (int row = 0; row < HALF; row++) {
      index.set(ValueLayout.JAVA_INT, 4L * row, Math.toIntExact(row * pitch));
    }
  }

  private static long mask(int count) {
    return (1L << count) - 1;
  }

  /** Calls one of {@link HeadCode}'s functions. */
  private void call(MemorySegment function, long x, long to, long number, long another) {
    Amx.call(function, x, index.address(), to, number, factor.address(), another, 0, 0, 0);
  }
}
