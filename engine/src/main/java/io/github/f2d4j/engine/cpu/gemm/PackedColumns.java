package io.github.f2d4j.engine.cpu.gemm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Packed matrices.
 *
 * @param memory the panels of all matrices
 * @param panels how one matrix lies in it
 * @param itemBytes from one item's matrix to the next's, 0 if items share one
 */
record PackedColumns(MemorySegment memory, Panels panels, long itemBytes)
    implements Columns.Copied {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  @Override
  public void copy(int item, int panel, int k, int length, Scratch scratch) {
    long from = itemBytes * item + panels.panelBytes() * panel + 4L * k * Panels.width();
    MemorySegment.copy(memory, FLOAT, from, scratch.operands.columns(), 0, length * Panels.width());
  }
}
