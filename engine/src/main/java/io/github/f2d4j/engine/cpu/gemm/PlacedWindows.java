package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.amx.BfloatTile;
import io.github.f2d4j.engine.cpu.multiply.KeptRows;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.types.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Windows of an image that was made into {@link KeptRows} with its border of zeros. Then 16 windows
 * side by side lie one pixel, or one stride, apart for each tap, and the matrix unit loads them
 * where they lie: nothing is copied.
 *
 * @param made how the image was made
 * @param image it
 */
record PlacedWindows(Made made, BfloatTile.Windows image) implements Rows {
  /** Rows that are loaded together. */
  private static final int BAND = 16;

  /** Makes them. */
  static final class Made implements GemmKernel.Source {
    private final Shape x;
    private final Window window;
    private final int outH;
    private final int outW;
    private final int channels;

    /** Rows and columns of the image with its border. */
    private final int height;

    private final int width;

    /** For each step of k, bytes from a window's first pixel to the step. */
    private final MemorySegment taps;

    private final long reach;

    /**
     * For images of one size.
     *
     * @param x [N,H,W,C], C whole steps of the unit
     * @param w [O,C,kh,kw]
     * @param y [N,H,W,O]
     */
    Made(Shape x, Shape w, Shape y, Window window) {
      this.x = x;
      this.window = window;
      outH = y.dim(1);
      outW = y.dim(2);
      channels = x.dim(3);
      height = (outH - 1) * window.strideH() + w.dim(2);
      width = (outW - 1) * window.strideW() + w.dim(3);
      int steps = channels / BfloatTile.DEPTH;
      taps = HostBuffer.allocate((long) w.dim(2) * w.dim(3) * steps * Long.BYTES).segment();
      long last = 0;
      for (int tap = 0; tap < w.dim(2) * w.dim(3); tap++) {
        long pixel = (long) (tap / w.dim(3)) * width + tap % w.dim(3);
        for (int step = 0; step < steps; step++) {
          last = KeptRows.bytes(pixel * channels + (long) step * BfloatTile.DEPTH);
          taps.setAtIndex(ValueLayout.JAVA_LONG, (long) tap * steps + step, last);
        }
      }
      reach = last + KeptRows.bytes(BfloatTile.DEPTH);
    }

    /** Whether strips are whole bands of windows side by side, each of one image's row. */
    static boolean fits(Shape y) {
      return y.dim(2) > 0 && y.dim(2) % BAND == 0 && y.dim(1) * y.dim(2) % (2 * BAND) == 0;
    }

    @Override
    public long scratchBytes() {
      return KeptRows.bytes((long) x.dim(0) * height * width * channels);
    }

    @Override
    public Rows rows(MemorySegment memory, MemorySegment scratch, WorkPool pool) {
      pool.parallel(x.dim(0) * height, row -> row(memory, row / height, row % height, scratch));
      long pitch = KeptRows.bytes((long) window.strideW() * channels);
      return new PlacedWindows(this, new BfloatTile.Windows(scratch, pitch, taps, reach));
    }

    /** One row of the image with its border. */
    private void row(MemorySegment memory, int n, int row, MemorySegment to) {
      long first = ((long) n * height + row) * width;
      int y = row - window.top();
      int left = Math.min(width, window.left());
      int right = Math.min(width, left + x.dim(2));
      if (y < 0 || y >= x.dim(1)) {
        clear(first, width, to);
        return;
      }
      clear(first, left, to);
      long from = ((long) n * x.dim(1) + y) * x.dim(2);
      long at = KeptRows.bytes((first + left) * channels);
      KeptRows.write(memory, from * channels, (right - left) * channels, to, at);
      clear(first + right, width - right, to);
    }

    private void clear(long pixel, int count, MemorySegment to) {
      long at = KeptRows.bytes(pixel * channels);
      to.asSlice(at, KeptRows.bytes((long) count * channels)).fill((byte) 0);
    }

    /** The byte of a window's first pixel. */
    private long at(int row) {
      long n = row / outW / outH;
      long y = (long) (row / outW % outH) * window.strideH();
      long x = (long) (row % outW) * window.strideW();
      return KeptRows.bytes(((n * height + y) * width + x) * channels);
    }
  }

  @Override
  public void load(int item, int row, int count, int k, int length, int strip, Scratch scratch) {
    for (int half = 0; half < 2; half++) {
      scratch.operands.takeWindows(image, strip, half, made.at(row + half * BAND), k);
    }
  }
}
