package io.github.f2d4j.engine.cpu.normalize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Where a task of a normalisation works on some rows: heap arrays of the first-level cache's size,
 * copied from memory and back. Several passes over memory segments take more than twice as long,
 * because C2 compiles loads from segments by the types of segments that the whole program has used.
 */
final class NormScratch {
  private static final ConcurrentLinkedQueue<NormScratch> FREE = new ConcurrentLinkedQueue<>();
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Elements of x that are copied at once, unless four rows are more. */
  private static final int ELEMENTS = 1 << 12;

  /** Some rows of x. */
  float[] x = new float[0];

  /** What is the same for all rows: up to three rows of coefficients. */
  float[] constants = new float[0];

  /** Two rows of sums. */
  float[] sums = new float[0];

  /** The two moments of a row. */
  final float[] moments = new float[2];

  private NormScratch() {}

  /** Scratch for rows of {@code n} floats. */
  static NormScratch take(int n) {
    NormScratch free = FREE.poll();
    NormScratch s = free != null ? free : new NormScratch();
    int elements = rows(n) * n;
    if (s.x.length < elements) {
      s.x = new float[elements];
    }
    if (s.constants.length < 3 * n) {
      s.constants = new float[3 * n];
      s.sums = new float[2 * n];
    }
    return s;
  }

  /** How many rows of {@code n} floats are worked on at once, a multiple of four. */
  static int rows(int n) {
    return Math.max(1, ELEMENTS / Math.max(1, n) / 4) * 4;
  }

  void give() {
    FREE.add(this);
  }

  /** Copies {@code count} floats at byte {@code from} of memory to {@code at} of the array. */
  static void read(MemorySegment memory, long from, float[] to, int at, int count) {
    MemorySegment.copy(memory, FLOAT, from, to, at, count);
  }

  /** Copies the array's first {@code count} floats to byte {@code to} of memory. */
  static void write(float[] from, int count, MemorySegment memory, long to) {
    MemorySegment.copy(from, 0, memory, FLOAT, to, count);
  }
}
