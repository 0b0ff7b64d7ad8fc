package io.github.f2d4j.engine.cpu.multiply;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.BfloatTile;
import io.github.f2d4j.engine.cpu.amx.DigitTile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Panels of a constant matrix in the form in which the matrix unit multiplies them, so that nothing
 * is to be copied or made when they are used.
 */
public final class KeptPanels {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private KeptPanels() {}

  /** Bytes of a panel of {@code depth} steps of k. */
  public static long bytes(int depth) {
    if (Multiplier.digits()) {
      return DigitTile.panelBytes(depth);
    }
    return BfloatTile.keptBytes(depth);
  }

  /** Rows of floats that {@link #write} reads for {@code depth} steps of k. */
  public static int rows(int depth) {
    int step = Multiplier.digits() ? DigitTile.DEPTH : BfloatTile.DEPTH;
    return Math.ceilDiv(depth, step) * step;
  }

  /**
   * Writes a panel.
   *
   * @param floats dense [{@link #rows}, {@link Amx#COLUMNS}], with zeros behind depth
   * @param at its first byte in {@code to}
   */
  public static void write(MemorySegment floats, int depth, MemorySegment to, long at) {
    if (Multiplier.digits()) {
      DigitTile.keep(floats, depth, DigitOperands.TRAITS.stretch(depth), to, at);
      return;
    }
    float[] chunk = new float[BfloatTile.DEPTH * Amx.COLUMNS];
    for (int k = 0; k < depth; k += BfloatTile.DEPTH) {
      int length = Math.min(BfloatTile.DEPTH, depth - k);
      int count = length * Amx.COLUMNS;
      MemorySegment.copy(floats, FLOAT, 4L * k * Amx.COLUMNS, chunk, 0, count);
      Arrays.fill(chunk, count, chunk.length, 0f);
      BfloatTile.keep(chunk, k, length, depth, to, at);
    }
  }
}
