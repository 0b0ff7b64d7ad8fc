package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * What the transform of one tile needs beside its operands, some 40 KiB. Borrowed and given back,
 * so there are never more of them than threads that transform at the same time.
 */
final class WinogradScratch {
  private static final ConcurrentLinkedDeque<WinogradScratch> FREE = new ConcurrentLinkedDeque<>();

  private static final int LARGEST = Winograd.F4.positions() * WinogradTransform.STRETCH;

  /** A tile between the transform of its columns and that of its rows. */
  final float[] tile = new float[LARGEST];

  /** A tile of outputs, panel by panel, padded to whole panels. */
  final float[] panels =
      new float
          [Winograd.F4.out() * Winograd.F4.out() * (WinogradTransform.STRETCH + Panels.width())];

  /** A tile at the edge of the image, with zeros around it. */
  final MemorySegment edge = HostBuffer.allocate(4L * LARGEST).segment();

  private WinogradScratch() {}

  static WinogradScratch take() {
    WinogradScratch free = FREE.pollFirst();
    return free != null ? free : new WinogradScratch();
  }

  void give() {
    FREE.addFirst(this);
  }
}
