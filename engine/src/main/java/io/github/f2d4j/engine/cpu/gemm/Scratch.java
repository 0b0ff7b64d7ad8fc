package io.github.f2d4j.engine.cpu.gemm;

import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * What one block of a matrix multiplication needs beside its operands. Borrowed for a block and
 * given back, so there are never more of them than blocks were computed at the same time; each is
 * as large as its largest block.
 */
final class Scratch {
  private static final ConcurrentLinkedDeque<Scratch> FREE_TILE = new ConcurrentLinkedDeque<>();
  private static final ConcurrentLinkedDeque<Scratch> FREE_AMX = new ConcurrentLinkedDeque<>();

  private final Multiplier multiplier;

  /** The block's strips of a, the first item's before the second's, and a panel of b. */
  final BlockOperands operands;

  /** The block's sums. */
  float[] sums = new float[0];

  /** The bias, panel by panel. */
  float[] bias = new float[0];

  /** What the panels of several items are made of, see {@link #taps}. */
  private float[][] taps = new float[0][];

  /** The first k of {@link #taps}. */
  int tapsFrom;

  private Scratch(Multiplier multiplier) {
    this.multiplier = multiplier;
    operands = multiplier.operands();
  }

  private static ConcurrentLinkedDeque<Scratch> free(Multiplier multiplier) {
    return switch (multiplier) {
      case TILE -> FREE_TILE;
      case AMX -> FREE_AMX;
    };
  }

  /** Room for a block, which holds {@code sums} tiles of sums at a time. */
  static Scratch take(Multiplier multiplier, GemmBlocks blocks, int sums) {
    Scratch free = free(multiplier).pollFirst();
    Scratch s = free != null ? free : new Scratch(multiplier);
    int height = multiplier.traits().rows();
    s.operands.reserve(blocks.together() * blocks.rows() / height, blocks.depth());
    s.sums = atLeast(sums * height * Panels.width(), s.sums);
    s.bias = atLeast(blocks.panels() * Panels.width(), s.bias);
    return s;
  }

  /** Three arrays of at least {@code length} floats, the same until a longer one is wanted. */
  float[][] taps(int length) {
    taps = atLeast(3, length, taps);
    return taps;
  }

  static float[] atLeast(int length, float[] array) {
    return array.length >= length ? array : new float[length];
  }

  /** Keeps the arrays that are long enough. */
  static float[][] atLeast(int count, int length, float[][] arrays) {
    float[][] all = arrays.length >= count ? arrays : Arrays.copyOf(arrays, count);
    for (int i = 0; i < count; i++) {
      if (all[i] == null || all[i].length < length) {
        all[i] = new float[length];
      }
    }
    return all;
  }

  void give() {
    free(multiplier).addFirst(this);
  }
}
