package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.multiply.KeptPanels;
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

  /** What making a float takes, see {@link GemmBlocks}. */
  private static final double COST = 20;

  /** The positions of a row go together. */
  static GemmBlocks.Way way(Winograd form) {
    return new GemmBlocks.Way(form.in(), COST, true);
  }

  /** Row {@code item / n} of G g, one array for each column of a kernel. */
  @Override
  public void prepare(int item, int panel, int k, int length, Scratch scratch) {
    long tap = 4L * (panels.k() / Winograd.TAPS) * Panels.width();
    long first = panel * panels.panelBytes() + 4L * k * Panels.width();
    int floats = length * Panels.width();
    scratch.tapsFrom = k;
    int row = item / form.in();
    if (!scratch.operands.takesPanel()) {
      WinogradWeights.row(form, row, memory, first, tap, scratch.taps(floats), floats);
      return;
    }
    scratch.sums().reserve(floats, 4L * KeptPanels.rows(length) * Panels.width());
    for (int kw = 0; kw < Winograd.SIDE; kw++) {
      scratch.sums().row(form, row, memory, first + kw * tap, Winograd.SIDE * tap, kw);
    }
  }

  /** Element {@code item % n} of that row times Gᵀ. */
  @Override
  public void load(int item, int panel, int k, int length, Scratch scratch) {
    if (!scratch.operands.takesPanel()) {
      Columns.Copied.super.load(item, panel, k, length, scratch);
      return;
    }
    scratch.operands.takePanel(scratch.sums().element(form, item % form.in()), length);
  }

  /** The same for the Java form, in pieces. */
  @Override
  public void copy(int item, int panel, int k, int length, Scratch scratch) {
    int floats = length * Panels.width();
    int from = (k - scratch.tapsFrom) * Panels.width();
    float[][] row = scratch.taps(from + floats);
    WinogradWeights.element(form, item % form.in(), row, from, scratch.operands.columns(), floats);
  }
}
