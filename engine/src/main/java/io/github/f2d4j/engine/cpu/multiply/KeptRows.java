package io.github.f2d4j.engine.cpu.multiply;

import io.github.f2d4j.engine.cpu.amx.BfloatTile;
import java.lang.foreign.MemorySegment;

/**
 * Numbers of a left operand in the form in which the matrix unit multiplies them, in bfloat16: what
 * is used in several strips then is to be rounded only once.
 */
public final class KeptRows {
  private KeptRows() {}

  /** Bytes of {@code count} numbers, a multiple of {@link BfloatTile#DEPTH}. */
  public static long bytes(long count) {
    return Short.BYTES * count;
  }

  /**
   * Writes numbers.
   *
   * @param first the first number of {@code floats}
   * @param count a multiple of {@link BfloatTile#DEPTH}
   * @param at where they go, in bytes
   */
  public static void write(MemorySegment floats, long first, int count, MemorySegment to, long at) {
    BfloatTile.round(floats, first * Float.BYTES, count, to, at);
  }
}
