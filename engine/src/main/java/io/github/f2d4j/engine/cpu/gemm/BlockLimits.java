package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.tile.Tile;

/**
 * How large a block of a matrix multiplication may be: a panel's stretch of k takes three quarters
 * of the first-level cache, a block's strips of a take seven tenths of the second.
 *
 * @param depth longest stretch of k, at most what a strip holds
 * @param rows most rows of a block, a multiple of the tile's
 * @param columns most columns of a block, a multiple of a panel's. Sums of rows × columns pass once
 *     per stretch, through the second and third level
 */
record BlockLimits(int depth, int rows, int columns) {
  /** Those of this machine. With 32 KiB, 512 KiB and panels of 16: 384, 240, 384. */
  static final BlockLimits HERE = of(CacheSizes.ofThisMachine(), Tile.BEST.rows(), Panels.width());

  /** Beyond this a panel's copy costs nothing any more, and scratch memory grows. */
  private static final int MOST_ROWS = 960;

  private static final int COLUMNS = 384;
  private static final int MOST_DEPTH = 384;
  private static final int LEAST_DEPTH = 128;

  /** The limits for tiles of {@code height} × {@code width}. */
  static BlockLimits of(CacheSizes caches, int height, int width) {
    long panel = caches.first() * 3 / 4 / ((long) Float.BYTES * width);
    int depth = Math.clamp(panel, LEAST_DEPTH, MOST_DEPTH) / 16 * 16;
    long strips = caches.second() * 45 / 64 / ((long) Float.BYTES * depth * height);
    int rows = Math.clamp(strips, 8, MOST_ROWS / height) * height;
    return new BlockLimits(depth, rows, Math.max(width, COLUMNS / width * width));
  }
}
