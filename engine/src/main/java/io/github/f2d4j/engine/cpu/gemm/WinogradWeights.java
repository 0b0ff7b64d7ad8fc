package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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
  private static final int SIDE = 3;
  private static final int TAPS = SIDE * SIDE;

  /**
   * Channels transformed at a time: each position then gets pieces of a kilobyte or so, and what is
   * worked on stays in the first-level cache.
   */
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

  /** Everything is done for {@value #CHUNK} channels of a panel at once, a run of numbers. */
  private void packPanel(MemorySegment source, MemorySegment packed, int p) {
    int width = Panels.width();
    int run = CHUNK * width;
    float[] read = new float[CHUNK * TAPS];
    double[] taps = new double[TAPS * run];
    double[] half = new double[SIDE * run];
    double[] whole = new double[run];
    float[] out = new float[run];
    for (int channel = 0; channel < panels.k(); channel += CHUNK) {
      int length = Math.min(CHUNK, panels.k() - channel);
      for (int c = 0; c < panels.columns(p); c++) {
        long at = ((long) (panels.column(p) + c) * panels.k() + channel) * TAPS;
        Packer.widen(dtype, source, at * dtype.bytes(), read, 0, length * TAPS);
        scatter(read, length, taps, c);
      }
      long to = p * panels.panelBytes() + 4L * channel * width;
      for (int row = 0; row < form.in(); row++) {
        for (int kw = 0; kw < SIDE; kw++) {
          combine(row, taps, kw * run, SIDE * run, half, kw * run, run);
        }
        for (int column = 0; column < form.in(); column++) {
          combine(column, half, 0, run, whole, 0, run);
          narrow(whole, out);
          long position = (long) row * form.in() + column;
          MemorySegment.copy(out, 0, packed, FLOAT, to + position * panels.bytes(), length * width);
        }
      }
    }
  }

  /** Element (channel, tap) of a column's kernels to element (tap, channel, column) of a run. */
  private static void scatter(float[] read, int channels, double[] taps, int column) {
    int width = Panels.width();
    for (int tap = 0; tap < TAPS; tap++) {
      int to = tap * CHUNK * width + column;
      for (int i = 0; i < channels; i++) {
        taps[to + i * width] = read[i * TAPS + tap];
      }
    }
  }

  /** to = G[row][0]·from₀ + G[row][1]·from₁ + G[row][2]·from₂, for {@code length} numbers. */
  private void combine(
      int row, double[] from, int at, int step, double[] to, int place, int length) {
    double first = form.weight(row, 0);
    double second = form.weight(row, 1);
    double third = form.weight(row, 2);
    int one = at + step;
    int two = one + step;
    for (int i = 0; i < length; i++) {
      to[place + i] = first * from[at + i] + second * from[one + i] + third * from[two + i];
    }
  }

  private static void narrow(double[] from, float[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] = (float) from[i];
    }
  }
}
