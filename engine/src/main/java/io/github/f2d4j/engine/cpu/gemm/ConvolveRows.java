package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.op.ConvolveOp.Window;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The windows of NHWC images as rows of a matrix that is never in memory as a whole (implicit
 * GEMM): row (n, y, x) holds the window of that output pixel in the order (kh, kw, i). Item g is
 * group g, whose rows hold channels {@code [g * channels, (g + 1) * channels)} of the window.
 *
 * @param image float32 [N, height, width, imageChannels]
 * @param channels channels of one group
 * @param kernelW columns of the window
 * @param outH rows of the output
 * @param outW columns of the output
 */
record ConvolveRows(
    MemorySegment image,
    int height,
    int width,
    int imageChannels,
    int channels,
    int kernelW,
    Window window,
    int outH,
    int outW)
    implements Rows.Copied {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Below this many floats a loop is faster than a bulk copy. */
  private static final int BULK = 8;

  /** The number of the input pixel under a tap of a row's window, or −1 if that is outside. */
  long pixel(int row, int tap) {
    int x = row % outW;
    int y = row / outW % outH;
    int n = row / outW / outH;
    int iy = y * window.strideH() + tap / kernelW - window.top();
    int ix = x * window.strideW() + tap % kernelW - window.left();
    boolean inside = iy >= 0 && iy < height && ix >= 0 && ix < width;
    return inside ? ((long) n * height + iy) * width + ix : -1;
  }

  @Override
  public void copy(int item, int row, int count, int k0, int depth, float[] strip, int stride) {
    int end = k0 + depth;
    for (int k = k0; k < end; ) {
      int tap = k / channels;
      int i = k - tap * channels;
      int length = Math.min(channels - i, end - k);
      int kh = tap / kernelW;
      copyTap(
          item * channels + i, row, count, kh, tap - kh * kernelW, length, strip, k - k0, stride);
      k += length;
    }
  }

  /** Copies one tap's channels of consecutive output pixels; outside the image they are 0. */
  private void copyTap(
      int channel,
      int row,
      int count,
      int kh,
      int kw,
      int length,
      float[] strip,
      int at,
      int step) {
    int x = row % outW;
    int y = row / outW % outH;
    int n = row / outW / outH;
    int to = at;
    for (int r = 0; r < count; r++) {
      int iy = y * window.strideH() + kh - window.top();
      int ix = x * window.strideW() + kw - window.left();
      if (iy >= 0 && iy < height && ix >= 0 && ix < width) {
        long from = 4 * ((((long) n * height + iy) * width + ix) * imageChannels + channel);
        copyPixel(from, length, strip, to);
      } else {
        Arrays.fill(strip, to, to + length, 0f);
      }
      to += step;
      if (++x == outW) {
        x = 0;
        if (++y == outH) {
          y = 0;
          n++;
        }
      }
    }
  }

  private void copyPixel(long from, int length, float[] strip, int to) {
    if (length >= BULK) {
      MemorySegment.copy(image, FLOAT, from, strip, to, length);
    } else {
      for (int i = 0; i < length; i++) {
        strip[to + i] = image.get(FLOAT, from + 4L * i);
      }
    }
  }
}
