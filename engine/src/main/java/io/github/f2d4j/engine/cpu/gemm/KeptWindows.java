package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.multiply.KeptRows;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.types.Shape;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/**
 * {@link ConvolveRows} of an image that was made into {@link KeptRows} first: each number becomes
 * an operand once, not once for each tap of the window.
 *
 * @param windows where rows lie, of one group, whose channels are whole steps of the unit
 * @param kept the image's pixels, one behind the other
 */
record KeptWindows(ConvolveRows windows, MemorySegment kept) implements Rows {
  /**
   * Makes them.
   *
   * @param x [N,H,W,C]
   */
  record Made(Shape x, Function<MemorySegment, ConvolveRows> windows) implements GemmKernel.Source {
    /** Pixels that a thread takes at a time. */
    private static final int PIXELS = 64;

    @Override
    public long scratchBytes() {
      return KeptRows.bytes(x.elements());
    }

    @Override
    public Rows rows(MemorySegment image, MemorySegment scratch, WorkPool pool) {
      int channels = x.dim(3);
      int all = Math.toIntExact(x.elements() / channels);
      pool.parallel(
          Math.ceilDiv(all, PIXELS),
          task -> {
            long first = (long) task * PIXELS * channels;
            int count = Math.min(PIXELS, all - task * PIXELS) * channels;
            KeptRows.write(image, first, count, scratch, KeptRows.bytes(first));
          });
      return new KeptWindows(windows.apply(image), scratch);
    }
  }

  @Override
  public void load(int item, int row, int count, int k, int length, int strip, Scratch scratch) {
    for (int r = 0; r < scratch.height; r++) {
      for (int at = 0; at < length; ) {
        int tap = (k + at) / windows.channels();
        int channel = k + at - tap * windows.channels();
        int some = Math.min(windows.channels() - channel, length - at);
        long pixel = r < count ? windows.pixel(row + r, tap) : -1;
        long from = pixel < 0 ? -1 : pixel * windows.channels() + channel;
        scratch.operands.takeKept(strip, r, at, some, length, kept, from);
        at += some;
      }
    }
  }
}
