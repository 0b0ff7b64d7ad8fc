package io.github.f2d4j.engine.cpu.multiply;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.AmxTile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Panels of a constant matrix in the form in which the matrix unit multiplies them, so that nothing
 * is to be copied or split when they are used.
 */
public final class KeptPanels {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private KeptPanels() {}

  /** Bytes of a panel of {@code depth} steps of k. */
  public static long bytes(int depth) {
    return AmxTile.keptBytes(Amx.precision(), depth);
  }

  /**
   * Writes a panel.
   *
   * @param floats dense [depth, {@link Amx#COLUMNS}]
   * @param at its first byte in {@code to}
   */
  public static void write(MemorySegment floats, int depth, MemorySegment to, long at) {
    float[] chunk = new float[Amx.DEPTH * Amx.COLUMNS];
    for (int k = 0; k < depth; k += Amx.DEPTH) {
      int length = Math.min(Amx.DEPTH, depth - k);
      int count = length * Amx.COLUMNS;
      MemorySegment.copy(floats, FLOAT, 4L * k * Amx.COLUMNS, chunk, 0, count);
      Arrays.fill(chunk, count, chunk.length, 0f);
      AmxTile.keep(Amx.precision(), chunk, k, length, depth, to, at);
    }
  }
}
