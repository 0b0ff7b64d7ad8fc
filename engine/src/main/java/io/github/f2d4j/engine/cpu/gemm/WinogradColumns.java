package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.pool.WorkPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The transformed weights of {@link Winograd}'s algorithm, G g Gᵀ, made of the direct form's packed
 * weights whenever a panel is multiplied: item p is the matrix of position p of a tile. Kept, they
 * would be 1.8 or 4 times as large as what they are made of; made anew they cost one load and one
 * multiply-add for each tap that counts at a position, 4 (F(2×2)) or 5.4 (F(4×4)) on the average,
 * against one multiply-add for each tile that they are then multiplied with.
 *
 * @param form the transform
 * @param memory the packed weights, rows in the order (kh, kw, channel)
 * @param panels how they lie in memory
 * @param taps adds them up
 */
record WinogradColumns(Winograd form, MemorySegment memory, Panels panels, TapSum taps)
    implements Columns {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int SIDE = 3;

  WinogradColumns(Winograd form, MemorySegment memory, Panels panels) {
    this(form, memory, panels, TapSum.BEST);
  }

  /** How one position's matrix lies in memory when it is {@link #expand expanded}. */
  Panels expandedPanels() {
    return new Panels(channels(), panels.n(), false);
  }

  private int channels() {
    return panels.k() / (SIDE * SIDE);
  }

  @Override
  public void copy(int item, int panel, int k, int length, float[] to) {
    int row = item / form.in();
    int column = item % form.in();
    int width = Panels.width();
    long tap = 4L * channels() * width;
    long at = panel * panels.panelBytes() + 4L * k * width;
    int floats = length * width;
    // The first and the last point, 0 and ∞, see one tap each, all others three.
    int down = form.single(row);
    int across = form.single(column);
    if (down >= 0 && across >= 0) {
      long from = at + ((long) down * SIDE + across) * tap;
      taps.one(memory, from, weight(row, down, column, across), to, floats);
    } else if (down >= 0) {
      taps.three(
          memory,
          at + (long) down * SIDE * tap,
          tap,
          weight(row, down, column, 0),
          weight(row, down, column, 1),
          weight(row, down, column, 2),
          to,
          floats);
    } else if (across >= 0) {
      taps.three(
          memory,
          at + across * tap,
          SIDE * tap,
          weight(row, 0, column, across),
          weight(row, 1, column, across),
          weight(row, 2, column, across),
          to,
          floats);
    } else {
      taps.nine(memory, at, tap, form.kernelWeights(item), to, floats);
    }
  }

  private float weight(int row, int down, int column, int across) {
    return (float) (form.weight(row, down) * form.weight(column, across));
  }

  /** Writes all positions' matrices, one behind the other, as {@link #expandedPanels} lie. */
  void expand(MemorySegment to, WorkPool pool) {
    Panels one = expandedPanels();
    pool.parallel(
        Math.multiplyExact(form.positions(), one.count()),
        task -> {
          int panel = task / form.positions();
          int position = task % form.positions();
          Scratch scratch = Scratch.take();
          try {
            for (int k = 0; k < one.k(); k += BlockLimits.HERE.depth()) {
              int length = Math.min(BlockLimits.HERE.depth(), one.k() - k);
              copy(position, panel, k, length, scratch.panel);
              long at = position * one.bytes() + panel * one.panelBytes();
              int floats = length * Panels.width();
              MemorySegment.copy(scratch.panel, 0, to, FLOAT, at + 4L * k * Panels.width(), floats);
            }
          } finally {
            scratch.give();
          }
        });
  }
}
