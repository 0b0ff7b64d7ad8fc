package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.multiply.KeptPanels;
import java.lang.foreign.MemorySegment;

/**
 * Matrices whose panels are {@link KeptPanels}.
 *
 * @param memory the panels of all matrices
 * @param panels how a matrix is cut
 * @param itemBytes from one item's matrix to the next's, 0 if items share one
 */
record KeptColumns(MemorySegment memory, Panels panels, long itemBytes) implements Columns {
  @Override
  public void load(int item, int panel, int k, int length, Scratch scratch) {
    long at = itemBytes * item + KeptPanels.bytes(panels.k()) * panel;
    scratch.operands.useKept(memory, at, k, length, panels.k());
  }
}
