package io.github.f2d4j.engine.cpu.gemm;

import java.lang.foreign.MemorySegment;

/**
 * The transformed weights of {@link Winograd}'s algorithm, G g Gᵀ, made of the direct form's packed
 * weights whenever a panel is multiplied: item p is the matrix of position p of a tile. Kept, they
 * would be 1.8 or 4 times as large as what they are made of.
 *
 * <p>The positions of a row share G g, the sums down a kernel's columns, which are made once for
 * them. So weights are read from afar once per row, and what is multiplied is made in the
 * first-level cache.
 *
 * @param form the transform
 * @param memory the packed weights, rows in the order (kh, kw, channel)
 * @param panels how they lie in memory
 */
record WinogradColumns(Winograd form, MemorySegment memory, Panels panels)
    implements Columns.Copied {
  private static final WinogradWeights STEPS = WinogradWeights.BEST;
  private static final int SIDE = 3;

  /** What making a float takes, see {@link GemmBlocks}. */
  private static final double COST = 20;

  /** The positions of a row go together. */
  static GemmBlocks.Way way(Winograd form) {
    return new GemmBlocks.Way(form.in(), COST, true);
  }

  /** Row {@code item / n} of G g, one array for each column of a kernel. */
  @Override
  public void prepare(int item, int panel, int k, int length, Scratch scratch) {
    int row = item / form.in();
    int channels = panels.k() / (SIDE * SIDE);
    long tap = 4L * channels * Panels.width();
    long first = panel * panels.panelBytes() + 4L * k * Panels.width();
    int floats = length * Panels.width();
    float[][] to = scratch.taps(floats);
    scratch.tapsFrom = k;
    int single = form.single(row);
    for (int kw = 0; kw < SIDE; kw++) {
      long at = first + kw * tap;
      if (single >= 0) {
        long down = (long) single * SIDE * tap;
        STEPS.one(memory, at + down, form.weight(row, single), to[kw], floats);
      } else {
        float w0 = form.weight(row, 0);
        float w1 = form.weight(row, 1);
        float w2 = form.weight(row, 2);
        STEPS.three(memory, at, SIDE * tap, w0, w1, w2, to[kw], floats);
      }
    }
  }

  /** Element {@code item % n} of that row times Gᵀ. */
  @Override
  public void copy(int item, int panel, int k, int length, Scratch scratch) {
    int column = item % form.in();
    int floats = length * Panels.width();
    int from = (k - scratch.tapsFrom) * Panels.width();
    float[][] t = scratch.taps(from + floats);
    int single = form.single(column);
    if (single >= 0) {
      STEPS.one(t[single], from, form.weight(column, single), scratch.operands.columns(), floats);
    } else {
      float w0 = form.weight(column, 0);
      float w1 = form.weight(column, 1);
      float w2 = form.weight(column, 2);
      STEPS.three(t, from, w0, w1, w2, scratch.operands.columns(), floats);
    }
  }
}
