package io.github.f2d4j.engine.cpu.multiply;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.BfloatTile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Numbers of a left operand in the form in which the matrix unit multiplies them, in bfloat16: what
 * is used in several strips then is to be rounded only once.
 */
public final class KeptRows {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Numbers that are rounded at a time. */
  private static final int CHUNK = Amx.ROWS * BfloatTile.DEPTH;

  private KeptRows() {}

  /** Bytes of {@code count} numbers, a multiple of {@link BfloatTile#DEPTH}. */
  public static long bytes(long count) {
    return Short.BYTES * count;
  }

  /** Writes numbers {@code [first, first + count)}, both multiples of {@link BfloatTile#DEPTH}. */
  public static void write(MemorySegment floats, long first, int count, MemorySegment to) {
    float[] chunk = new float[CHUNK];
    int[] kept = new int[CHUNK / 2];
    for (int done = 0; done < count; done += CHUNK) {
      int some = Math.min(CHUNK, count - done);
      MemorySegment.copy(floats, FLOAT, 4 * (first + done), chunk, 0, some);
      Arrays.fill(chunk, some, CHUNK, 0f);
      BfloatTile.keepRows(chunk, kept);
      MemorySegment.copy(
          kept, 0, to, ValueLayout.JAVA_INT_UNALIGNED, bytes(first + done), some / 2);
    }
  }
}
