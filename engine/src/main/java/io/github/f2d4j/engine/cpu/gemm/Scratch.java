package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.multiply.BlockOperands;
import io.github.f2d4j.engine.cpu.multiply.Multiplier;
import io.github.f2d4j.engine.cpu.multiply.Room;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/**
 * What one block of a matrix multiplication needs beside its operands. Borrowed for a block and
 * given back, so there are never more of them than blocks were computed at the same time; each is
 * as large as its largest block.
 */
final class Scratch {
  private static final ConcurrentLinkedDeque<Scratch> FREE_TILE = new ConcurrentLinkedDeque<>();
  private static final ConcurrentLinkedDeque<Scratch> FREE_AMX = new ConcurrentLinkedDeque<>();

  private final Multiplier multiplier;

  /**
   * The block's strips of a, the first item's before the second's, a panel of b and the sums that
   * the block holds at a time.
   */
  final BlockOperands operands;

  /** Rows of a strip. */
  final int height;

  /** Most steps of k that are copied to operands at a time. */
  final int chunk;

  /** The bias, panel by panel. */
  float[] bias = new float[0];

  /** The same off the heap, or zeros. */
  MemorySegment biasOrZeros = MemorySegment.NULL;

  /** What the panels of several items are made of, see {@link #taps}. */
  private float[][] taps = new float[0][];

  private @Nullable WinogradSums sums;

  /** The first k of {@link #taps}. */
  int tapsFrom;

  private Scratch(Multiplier multiplier) {
    this.multiplier = multiplier;
    operands = multiplier.operands();
    height = multiplier.traits().rows();
    chunk = multiplier.traits().chunk();
  }

  private static ConcurrentLinkedDeque<Scratch> free(Multiplier multiplier) {
    return switch (multiplier) {
      case TILE -> FREE_TILE;
      case AMX -> FREE_AMX;
    };
  }

  /** Room for a block, which holds {@code slots} tiles of sums at a time. */
  static Scratch take(Multiplier multiplier, GemmBlocks blocks, int slots) {
    Scratch free = free(multiplier).pollFirst();
    Scratch s = free != null ? free : new Scratch(multiplier);
    s.operands.reserve(blocks.together() * blocks.rows() / s.height, blocks.depth(), slots);
    s.bias = Room.atLeast(blocks.panels() * Panels.width(), s.bias);
    if (s.biasOrZeros.byteSize() < 4L * s.bias.length) {
      s.biasOrZeros = HostBuffer.allocate(4L * s.bias.length).segment();
    }
    return s;
  }

  /** Three arrays of at least {@code length} floats, the same until a longer one is wanted. */
  float[][] taps(int length) {
    taps = Room.atLeast(3, length, taps);
    return taps;
  }

  /** What makes panels of transformed weights in machine code; the same each time. */
  WinogradSums sums() {
    if (sums == null) {
      sums = new WinogradSums();
    }
    return sums;
  }

  void give() {
    free(multiplier).addFirst(this);
  }
}
