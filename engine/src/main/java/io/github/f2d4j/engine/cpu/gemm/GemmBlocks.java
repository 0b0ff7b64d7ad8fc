package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.multiply.Multiplier;
import io.github.f2d4j.engine.cpu.tile.CacheSizes;

/**
 * How products are cut into blocks. A block walks over k in stretches: for each it copies its rows
 * of a into strips, which stay in the second-level cache, and panel by panel its columns of b,
 * which pass through the first.
 *
 * @param together neighbouring items in a block, whose panels of b have something in common
 * @param depth steps of a stretch of k
 * @param rows rows of a block, a multiple of the tile's
 * @param panels panels of a block, a multiple of {@link Panels#group()}
 */
record GemmBlocks(int together, int depth, int rows, int panels) {
  private static final int MOST_ROWS = 480;
  private static final int MOST_COLUMNS = 1024;

  /** Cuts of rows, and of columns, beyond the fewest that are looked at. */
  private static final int TRIES = 24;

  // What things take, in multiply-adds of the register tile. Measured, roughly: they need only
  // tell good cuts from bad ones.

  /** Copying a float into a strip. */
  private static final double ROW_COST = 22;

  /** Loading and storing a sum once. */
  private static final double SUM_COST = 8;

  /** The same if it is not in the second-level cache any more. */
  private static final double FAR_SUM_COST = 25;

  /** How much slower the tile is on a panel's stretch that the first-level cache cannot keep. */
  private static final double LONG_PANEL = 1.08;

  /**
   * What threads wait for the last of a single block each, as a part of its time. Large, since the
   * core of one thread may have much less to give than that of another.
   */
  private static final double WAITING = 0.6;

  /**
   * How panels of b come about.
   *
   * @param together as in {@link GemmBlocks}
   * @param cost of copying or making a float
   * @param made whether an operand is made of what was copied
   */
  record Way(int together, double cost, boolean made) {
    /** One item after the other, whose panels are copied. */
    static final Way COPIED = new Way(1, 14, true);

    /** One item after the other, whose panels were kept as operands. */
    static final Way KEPT = new Way(1, 16, false);
  }

  /**
   * The products of one call.
   *
   * @param items their number, a multiple of those that go together
   * @param rows rows of each
   * @param panels columns and depth of each
   * @param traits of what multiplies
   */
  record Products(int items, int rows, Panels panels, Multiplier.Traits traits) {}

  /**
   * The blocks of the least estimated cost.
   *
   * @param threads which share the blocks
   */
  static GemmBlocks of(Products products, Way way, CacheSizes caches, int threads) {
    Panels panels = products.panels;
    int stretches = Math.max(1, Math.ceilDiv(panels.k(), products.traits.longest()));
    int down = Math.max(1, Math.ceilDiv(products.rows, MOST_ROWS));
    int across = Math.max(1, Math.ceilDiv(panels.count() * Panels.width(), MOST_COLUMNS));
    double least = Double.POSITIVE_INFINITY;
    GemmBlocks best = null;
    for (int s = stretches;
        best == null || products.traits.stretch(panels.k(), s) >= products.traits.shortest();
        s++) {
      int depth = products.traits.stretch(panels.k(), s);
      for (int d = down; d < down + TRIES; d++) {
        int rows = even(products.rows, d, products.traits.rows());
        for (int a = across; a < across + TRIES; a++) {
          int wide = even(panels.count(), a, panels.group());
          GemmBlocks blocks = new GemmBlocks(way.together, depth, rows, wide);
          double cost = blocks.cost(products, way, caches, threads);
          if (best == null || cost < least) {
            least = cost;
            best = blocks;
          }
        }
      }
    }
    return best;
  }

  /** {@code total} in {@code parts} even parts, each a multiple of {@code unit} and not 0. */
  private static int even(int total, int parts, int unit) {
    return Math.max(1, Math.ceilDiv(Math.ceilDiv(total, parts), unit)) * unit;
  }

  private double cost(Products products, Way way, CacheSizes caches, int threads) {
    Panels p = products.panels;
    double k = p.k();
    double columns = (double) p.count() * Panels.width();
    double padded = even(products.rows, 1, products.traits.rows());
    int stretches = Math.max(1, Math.ceilDiv(p.k(), depth));
    int down = Math.max(1, Math.ceilDiv(products.rows, rows));
    int across = Math.max(1, Math.ceilDiv(p.count(), panels));
    double one =
        slowness(products.traits, caches) * padded * columns * k / products.traits.speed()
            + (ROW_COST + products.traits.making()) * across * padded * k
            + (way.cost + (way.made ? products.traits.making() : 0)) * down * columns * k
            + sumCost(stretches, products.traits, caches) * stretches * padded * columns;
    double tasks = (double) products.items / together * down * across;
    double uneven = Math.ceil(tasks / threads) * threads / tasks;
    return products.items * one * uneven * (1 + WAITING * (threads - 1) / tasks);
  }

  private double stripBytes(Multiplier.Traits traits) {
    return (double) traits.bytes() * together * rows * depth;
  }

  private double slowness(Multiplier.Traits traits, CacheSizes caches) {
    double near = (double) traits.bytes() * depth * traits.near();
    double slow = near > caches.first() * 7 / 8.0 ? LONG_PANEL : 1;
    // Strips that the second-level cache does not keep come from further away for every panel.
    return stripBytes(traits) > 0.7 * caches.second()
        ? slow + stripBytes(traits) / caches.second()
        : slow;
  }

  private double sumCost(int stretches, Multiplier.Traits traits, CacheSizes caches) {
    double sums = (double) Float.BYTES * together * rows * panels * Panels.width();
    boolean far = stretches > 1 && stripBytes(traits) + sums > 0.9 * caches.second();
    return far ? FAR_SUM_COST : SUM_COST;
  }
}
