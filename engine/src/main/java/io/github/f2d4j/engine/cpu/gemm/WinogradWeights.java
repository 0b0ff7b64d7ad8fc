package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The transformed form of a 3×3 kernel [O, I, 3, 3]: for each position of a tile the matrix [I, O]
 * of G g Gᵀ, packed into panels. The transform is in double precision, so that rounding the result
 * is the only error.
 *
 * @param form which transform
 * @param panels the packed form of one position's matrix
 * @param dtype F32, F16 or BF16
 */
record WinogradWeights(Winograd form, Panels panels, DType dtype) implements Packing {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int TAPS = 9;

  /** Channels transformed at a time: each position then gets pieces of a kilobyte or so. */
  private static final int CHUNK = 16;

  @Override
  public Buffer pack(HostBuffer source) {
    HostBuffer packed = source.allocateBeside(bytes());
    pack(source.segment(), packed.segment(), WorkPool.shared());
    return packed;
  }

  @Override
  public long packedBytes(long sourceBytes) {
    return bytes();
  }

  /** Bytes of all positions. */
  long bytes() {
    return form.positions() * panels.bytes();
  }

  /** Transforms {@code source} into {@code packed}. */
  void pack(MemorySegment source, MemorySegment packed, WorkPool pool) {
    pool.parallel(panels.count(), p -> packPanel(source, packed, p));
  }

  private void packPanel(MemorySegment source, MemorySegment packed, int p) {
    int width = Panels.width();
    float[] read = new float[CHUNK * TAPS];
    double[] taps = new double[CHUNK * TAPS * width];
    double[] half = new double[form.in() * 3 * width];
    float[] out = new float[form.positions() * CHUNK * width];
    for (int channel = 0; channel < panels.k(); channel += CHUNK) {
      int length = Math.min(CHUNK, panels.k() - channel);
      for (int c = 0; c < panels.columns(p); c++) {
        long at = ((long) (panels.column(p) + c) * panels.k() + channel) * TAPS;
        Packer.widen(dtype, source, at * dtype.bytes(), read, 0, length * TAPS);
        for (int i = 0; i < length * TAPS; i++) {
          taps[i * width + c] = read[i];
        }
      }
      for (int i = 0; i < length; i++) {
        transform(taps, i * TAPS * width, half, out, i * width);
      }
      for (int position = 0; position < form.positions(); position++) {
        long to = position * panels.bytes() + p * panels.panelBytes() + 4L * channel * width;
        MemorySegment.copy(out, position * CHUNK * width, packed, FLOAT, to, length * width);
      }
    }
  }

  /**
   * One channel's kernels of a panel.
   *
   * @param taps element (tap, column) at {@code at + tap * width + column}
   * @param half room for G g
   * @param out position p goes to {@code to + p * CHUNK * width}
   */
  private void transform(double[] taps, int at, double[] half, float[] out, int to) {
    int width = Panels.width();
    int n = form.in();
    for (int row = 0; row < n; row++) {
      for (int kw = 0; kw < 3; kw++) {
        combine(row, taps, at + kw * width, 3 * width, half, (3 * row + kw) * width, width);
      }
    }
    double[] sum = new double[width];
    for (int row = 0; row < n; row++) {
      for (int column = 0; column < n; column++) {
        combine(column, half, 3 * row * width, width, sum, 0, width);
        int place = to + (row * n + column) * CHUNK * width;
        for (int c = 0; c < width; c++) {
          out[place + c] = (float) sum[c];
        }
      }
    }
  }

  /** to = G[row][0]·from₀ + G[row][1]·from₁ + G[row][2]·from₂, for {@code width} columns. */
  private void combine(
      int row, double[] from, int at, int step, double[] to, int place, int width) {
    Arrays.fill(to, place, place + width, 0);
    for (int tap = 0; tap < 3; tap++) {
      double factor = form.weight(row, tap);
      if (factor == 0) {
        continue;
      }
      int first = at + tap * step;
      for (int c = 0; c < width; c++) {
        to[place + c] += factor * from[first + c];
      }
    }
  }
}
