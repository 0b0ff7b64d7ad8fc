package io.github.f2d4j.engine.cpu.movement;

import io.github.f2d4j.engine.cpu.kernel.Collapsed;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Copies elements of any type from one strided view to another: permutes, broadcasts, slices, pads
 * and joins. Contiguous runs are block copies, transpositions go tile by tile.
 */
final class StridedCopy {
  /** Side of a transposition tile: its lines on both sides fit the first-level cache. */
  private static final int TILE = 32;

  /** Runs shorter than this are copied element by element. */
  private static final int SHORT_RUN_BYTES = 64;

  private static final int TASK_BYTES = 1 << 17;

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final int size;
  private final int[] dims;
  private final long[] from;
  private final long[] to;
  private final int last;

  /** The axis along which the source is contiguous, if a tiled transposition pays, else −1. */
  private final int tiled;

  private final long rows;

  /**
   * @param size bytes of an element
   * @param shape the extents
   * @param from the source's stride of each axis in bytes, 0 to repeat
   * @param to the destination's
   */
  StridedCopy(int size, int[] shape, long[] from, long[] to) {
    this.size = size;
    Collapsed c = Collapsed.of(shape, List.of(from, to));
    dims = c.dims();
    this.from = c.strides()[0];
    this.to = c.strides()[1];
    last = dims.length - 1;
    tiled = tiledAxis();
    long n = 1;
    for (int d = 0; d < last; d++) {
      n *= d == tiled ? Math.ceilDiv(dims[d], TILE) : dims[d];
    }
    rows = dims[last] == 0 ? 0 : n;
  }

  private int tiledAxis() {
    if (from[last] != size && to[last] == size) {
      for (int d = 0; d < last; d++) {
        if (from[d] == size && dims[d] > 1) {
          return d;
        }
      }
    }
    return -1;
  }

  /** Copies; {@code xo} and {@code yo} are where the first elements lie. */
  void run(WorkPool pool, MemorySegment x, long xo, MemorySegment y, long yo) {
    long rowBytes = (long) dims[last] * size * (tiled < 0 ? 1 : TILE);
    long perTask = Math.max(1, TASK_BYTES / Math.max(1, rowBytes));
    pool.parallel(
        Math.toIntExact(Math.ceilDiv(rows, perTask)),
        task -> {
          long end = Math.min(rows, (task + 1) * perTask);
          for (long r = task * perTask; r < end; r++) {
            row(r, x, xo, y, yo);
          }
        });
  }

  private void row(long row, MemorySegment x, long xo, MemorySegment y, long yo) {
    long rest = row;
    long source = xo;
    long target = yo;
    int lines = 1;
    for (int d = last - 1; d >= 0; d--) {
      if (d == tiled) {
        int tiles = Math.ceilDiv(dims[d], TILE);
        int first = (int) (rest % tiles) * TILE;
        rest /= tiles;
        lines = Math.min(TILE, dims[d] - first);
        source += first * from[d];
        target += first * to[d];
      } else {
        source += rest % dims[d] * from[d];
        target += rest % dims[d] * to[d];
        rest /= dims[d];
      }
    }
    if (tiled >= 0) {
      transpose(lines, x, source, y, target);
    } else if (from[last] == size
        && to[last] == size
        && (long) dims[last] * size >= SHORT_RUN_BYTES) {
      MemorySegment.copy(x, source, y, target, (long) dims[last] * size);
    } else {
      elements(dims[last], x, source, from[last], y, target, to[last]);
    }
  }

  private void transpose(int lines, MemorySegment x, long xo, MemorySegment y, long yo) {
    for (int j = 0; j < dims[last]; j += TILE) {
      int n = Math.min(TILE, dims[last] - j);
      for (int i = 0; i < lines; i++) {
        long source = xo + (long) i * size + j * from[last];
        elements(n, x, source, from[last], y, yo + i * to[tiled] + (long) j * size, size);
      }
    }
  }

  private void elements(
      int n, MemorySegment x, long xo, long xs, MemorySegment y, long yo, long ys) {
    switch (size) {
      case 1 -> {
        for (int i = 0; i < n; i++) {
          y.set(BYTE, yo + i * ys, x.get(BYTE, xo + i * xs));
        }
      }
      case 2 -> {
        for (int i = 0; i < n; i++) {
          y.set(SHORT, yo + i * ys, x.get(SHORT, xo + i * xs));
        }
      }
      case 4 -> {
        for (int i = 0; i < n; i++) {
          y.set(INT, yo + i * ys, x.get(INT, xo + i * xs));
        }
      }
      case 8 -> {
        for (int i = 0; i < n; i++) {
          y.set(LONG, yo + i * ys, x.get(LONG, xo + i * xs));
        }
      }
      default ->
          throw new IllegalArgumentException(
              "elements of " + size + " bytes; expected 1, 2, 4 or 8");
    }
  }
}
