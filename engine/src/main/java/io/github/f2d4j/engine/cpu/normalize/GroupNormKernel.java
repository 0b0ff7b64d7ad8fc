package io.github.f2d4j.engine.cpu.normalize;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.UnitNorms;
import io.github.f2d4j.engine.cpu.elementwise.ElementwiseLoops;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Group normalisation of [N, rows, C] in two passes over the data: statistics, then the result.
 *
 * <p>Variances are taken around a shift near the mean, channel by channel, so that groups which are
 * nearly constant lose no digits: the shift is the mean of up to {@value #SAMPLES} rows spread over
 * the image. Rows are summed in float32 in chunks whose size depends on C alone, the chunks' sums
 * are combined in double precision.
 */
final class GroupNormKernel {
  private static final int SAMPLES = 64;
  private static final int CHUNK_ELEMENTS = 1 << 14;
  private static final int MIN_CHUNK_ROWS = 16;

  private final int n;
  private final int rows;
  private final int channels;
  private final int groups;
  private final float eps;
  private final boolean silu;
  private final int chunkRows;
  private final int chunks;

  GroupNormKernel(int n, int rows, int channels, int groups, float eps, boolean silu) {
    this.n = n;
    this.rows = rows;
    this.channels = channels;
    this.groups = groups;
    this.eps = eps;
    this.silu = silu;
    chunkRows = Math.max(MIN_CHUNK_ROWS, CHUNK_ELEMENTS / Math.max(1, channels));
    chunks = Math.ceilDiv(rows, chunkRows);
  }

  private long row() {
    return 4L * channels;
  }

  /** Where image {@code i}'s shifts [C] lie in scratch. */
  private long shiftAt(int i) {
    return i * row();
  }

  /** Where image {@code i}'s coefficients [3,C] of {@link NormLoops#affineColumns} lie. */
  private long coefficientsAt(int i) {
    return (n + 3L * i) * row();
  }

  /** Where the sums [2,C] of a chunk lie. */
  private long momentsAt(int i, int chunk) {
    return (4L * n + 2L * ((long) i * chunks + chunk)) * row();
  }

  long scratchBytes() {
    return momentsAt(n, 0);
  }

  /** x [N,rows,C], weight [C], bias [C] → y [N,rows,C]. */
  void run(
      WorkPool pool,
      MemorySegment x,
      MemorySegment weight,
      MemorySegment bias,
      MemorySegment y,
      MemorySegment scratch) {
    if (rows == 0 || channels == 0) {
      return;
    }
    pool.parallel(n, i -> sampleShift(i, x, scratch));
    pool.parallel(n * chunks, t -> sumChunk(t / chunks, t % chunks, x, scratch));
    pool.parallel(n * groups, t -> finishGroup(t / groups, t % groups, weight, bias, scratch));
    pool.parallel(n * chunks, t -> apply(t / chunks, t % chunks, x, y, scratch));
  }

  /** Whether machine code does it, with the same bits. */
  private boolean unit() {
    return Amx.used() && channels % UnitNorms.CHANNELS == 0;
  }

  private void sampleShift(int i, MemorySegment x, MemorySegment scratch) {
    int samples = Math.min(rows, SAMPLES);
    long at = shiftAt(i);
    long step = rows / samples * row();
    if (unit()) {
      UnitNorms.mean(x, (long) i * rows * row(), step, scratch, at, samples, channels);
      return;
    }
    scratch.asSlice(at, row()).fill((byte) 0);
    RowLoops.LOOPS.addRows(x, (long) i * rows * row(), step, samples, scratch, at, channels);
    ElementwiseLoops.LOOPS.scale(scratch, at, scratch, at, channels, 1f / samples);
  }

  private void sumChunk(int i, int chunk, MemorySegment x, MemorySegment scratch) {
    int first = chunk * chunkRows;
    int end = Math.min(rows, first + chunkRows);
    if (unit()) {
      scratch.asSlice(momentsAt(i, chunk), 2 * row()).fill((byte) 0);
      long at = ((long) i * rows + first) * row();
      UnitNorms.addMoments(x, at, scratch, shiftAt(i), momentsAt(i, chunk), end - first, channels);
      return;
    }
    int step = NormScratch.rows(channels);
    NormScratch s = NormScratch.take(channels);
    try {
      NormScratch.read(scratch, shiftAt(i), s.constants, 0, channels);
      Arrays.fill(s.sums, 0, 2 * channels, 0f);
      for (int r = first; r < end; r += step) {
        int count = Math.min(step, end - r);
        NormScratch.read(x, ((long) i * rows + r) * row(), s.x, 0, count * channels);
        NormLoops.LOOPS.addMoments(s.x, count, channels, s.constants, s.sums);
      }
      NormScratch.write(s.sums, 2 * channels, scratch, momentsAt(i, chunk));
    } finally {
      s.give();
    }
  }

  private void finishGroup(
      int i, int group, MemorySegment weight, MemorySegment bias, MemorySegment scratch) {
    int width = channels / groups;
    int first = group * width;
    double[] sums = totals(i, first, width, 0, scratch);
    double[] squareSums = totals(i, first, width, 1, scratch);
    float[] shift = read(scratch, shiftAt(i) + 4L * first, width);
    float[] scales = read(weight, 4L * first, width);
    float[] shifts = read(bias, 4L * first, width);
    float center = coefficients(sums, squareSums, shift, scales, shifts);
    long at = coefficientsAt(i) + 4L * first;
    Arrays.fill(shift, center);
    NormScratch.write(shift, width, scratch, at);
    NormScratch.write(scales, width, scratch, at + row());
    NormScratch.write(shifts, width, scratch, at + 2 * row());
  }

  private static float[] read(MemorySegment memory, long at, int count) {
    float[] floats = new float[count];
    NormScratch.read(memory, at, floats, 0, count);
    return floats;
  }

  /**
   * A group's mean, and in the place of weights and biases what its channels are multiplied with
   * and what is added.
   *
   * @param sums of differences from {@code shift}, and of their squares
   */
  private float coefficients(
      double[] sums, double[] squareSums, float[] shift, float[] weight, float[] bias) {
    int width = sums.length;
    double count = (double) rows * width;
    double mean = 0;
    for (int c = 0; c < width; c++) {
      mean += sums[c] + rows * (double) shift[c];
    }
    mean /= count;
    double squares = 0;
    for (int c = 0; c < width; c++) {
      // Σ(x−mean)² from d = x − shift: Σ(d−δ)² with δ = mean − shift.
      double delta = mean - shift[c];
      squares += squareSums[c] - 2 * delta * sums[c] + rows * delta * delta;
    }
    double scale = 1 / Math.sqrt(Math.max(squares / count, 0) + eps);
    float center = (float) mean;
    for (int c = 0; c < width; c++) {
      double a = scale * weight[c];
      weight[c] = (float) a;
      bias[c] = (float) (bias[c] - (mean - center) * a);
    }
    return center;
  }

  /** The chunks' sums of {@code width} channels. */
  private double[] totals(int i, int first, int width, int moment, MemorySegment scratch) {
    double[] totals = new double[width];
    float[] part = new float[width];
    for (int chunk = 0; chunk < chunks; chunk++) {
      long at = momentsAt(i, chunk) + moment * row() + 4L * first;
      NormScratch.read(scratch, at, part, 0, width);
      for (int c = 0; c < width; c++) {
        totals[c] += part[c];
      }
    }
    return totals;
  }

  private void apply(int i, int chunk, MemorySegment x, MemorySegment y, MemorySegment scratch) {
    int first = chunk * chunkRows;
    int end = Math.min(rows, first + chunkRows);
    if (unit()) {
      long at = ((long) i * rows + first) * row();
      UnitNorms.affine(x, y, at, scratch, coefficientsAt(i), end - first, channels, silu);
      return;
    }
    int step = NormScratch.rows(channels);
    NormScratch s = NormScratch.take(channels);
    try {
      NormScratch.read(scratch, coefficientsAt(i), s.constants, 0, 3 * channels);
      for (int r = first; r < end; r += step) {
        int count = Math.min(step, end - r);
        long at = ((long) i * rows + r) * row();
        NormScratch.read(x, at, s.x, 0, count * channels);
        for (int j = 0; j < count; j++) {
          NormLoops.LOOPS.affineColumns(s.x, j * channels, s.constants, channels, silu);
        }
        NormScratch.write(s.x, count * channels, y, at);
      }
    } finally {
      s.give();
    }
  }
}
