package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.amx.UnitSums;
import java.lang.foreign.MemorySegment;

/**
 * The steps of the transform of weights, as {@link WinogradWeights}, in machine code and off the
 * heap. The same bits.
 */
final class WinogradSums {
  private final UnitSums sums = new UnitSums();
  private MemorySegment taps = MemorySegment.NULL;
  private MemorySegment memory = MemorySegment.NULL;

  /** The panel, in {@link #memory}. */
  private MemorySegment panel = MemorySegment.NULL;

  private int floats;

  /**
   * Makes room.
   *
   * @param floats of a row of G g for one column of a kernel
   * @param panelBytes of the panel that {@link #element} makes, zeros included
   */
  void reserve(int floats, long panelBytes) {
    if (this.floats == floats && panel.byteSize() == panelBytes) {
      return;
    }
    this.floats = floats;
    taps = atLeast(3 * bytes(), taps);
    memory = atLeast(panelBytes, memory);
    panel = memory.asSlice(0, panelBytes);
    panel.asSlice(bytes()).fill((byte) 0);
  }

  private static MemorySegment atLeast(long bytes, MemorySegment memory) {
    return memory.byteSize() >= bytes ? memory : HostBuffer.allocate(bytes).segment();
  }

  private long bytes() {
    return 4L * floats;
  }

  /**
   * Row {@code line} of G g.
   *
   * @param at byte of the first tap of column {@code kw} of the kernel
   * @param apart bytes from one tap to the one below
   */
  void row(Winograd form, int line, MemorySegment from, long at, long apart, int kw) {
    sum(form, line, from, at, apart, taps, kw * bytes());
  }

  /** Element {@code line} of that row times Gᵀ: a panel, with zeros behind it. */
  MemorySegment element(Winograd form, int line) {
    sum(form, line, taps, 0, bytes(), panel, 0);
    return panel;
  }

  private void sum(
      Winograd form,
      int line,
      MemorySegment from,
      long at,
      long apart,
      MemorySegment to,
      long toAt) {
    int single = form.single(line);
    if (single >= 0) {
      sums.one(from, at + single * apart, form.weight(line, single), to, toAt, floats);
    } else {
      float w0 = form.weight(line, 0);
      float w1 = form.weight(line, 1);
      float w2 = form.weight(line, 2);
      sums.three(from, at, apart, w0, w1, w2, to, toAt, floats);
    }
  }
}
