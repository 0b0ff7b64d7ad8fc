package io.github.f2d4j.engine.cpu.amx;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Group normalisation's passes over rows in machine code, where they lie. May be touched only where
 * {@link Amx#used} is true.
 */
public final class UnitNorms {
  /** Channels that go together. */
  public static final int CHANNELS = Tiles.SIDE;

  private static final MemorySegment CONSTANTS = NormCode.constants();
  private static final MemorySegment MEAN = Amx.place(NormCode.mean());
  private static final MemorySegment MOMENTS = Amx.place(NormCode.moments());
  private static final MemorySegment AFFINE = Amx.place(NormCode.affine(false));
  private static final MemorySegment AFFINE_SILU = Amx.place(NormCode.affine(true));

  private UnitNorms() {}

  /**
   * The mean of rows, column by column: their sum, added by fours, times 1/rows. Places in bytes.
   *
   * @param x rows of {@code channels} from {@code at} on, {@code stride} apart
   * @param to [channels] from {@code toAt}
   * @param rows at least 1
   * @param channels a multiple of {@link #CHANNELS}, not 0
   */
  public static void mean(
      MemorySegment x, long at, long stride, MemorySegment to, long toAt, int rows, int channels) {
    long row = 4L * channels;
    to.set(ValueLayout.JAVA_FLOAT, toAt, 1f / rows);
    Amx.call(
        MEAN,
        Amx.address(x, at, (rows - 1) * stride + row),
        Amx.address(to, toAt, row),
        rows,
        channels / CHANNELS,
        stride,
        0,
        0,
        0,
        0);
  }

  /**
   * Adds Σ (x − shift) and Σ (x − shift)² of {@code rows} rows to two rows of sums, column by
   * column; rows are added by fours. Places in bytes.
   *
   * @param x [rows, channels] from {@code at}
   * @param scratch the shifts from {@code shiftAt}, the sums from {@code sumsAt}
   * @param rows at least 1
   * @param channels a multiple of {@link #CHANNELS}, not 0
   */
  public static void addMoments(
      MemorySegment x,
      long at,
      MemorySegment scratch,
      long shiftAt,
      long sumsAt,
      int rows,
      int channels) {
    long row = 4L * channels;
    Amx.call(
        MOMENTS,
        Amx.address(x, at, rows * row),
        Amx.address(scratch, shiftAt, row),
        Amx.address(scratch, sumsAt, 2 * row),
        rows,
        channels / CHANNELS,
        row,
        0,
        0,
        0);
  }

  /**
   * y = (x − c₀)·c₁ + c₂ for each column, the multiply-add fused; with {@code silu} SiLU of that.
   * Arguments as {@link #addMoments}'s.
   *
   * @param c three rows from {@code cAt}
   * @param y from {@code at} too
   */
  public static void affine(
      MemorySegment x,
      MemorySegment y,
      long at,
      MemorySegment c,
      long cAt,
      int rows,
      int channels,
      boolean silu) {
    long row = 4L * channels;
    Amx.call(
        silu ? AFFINE_SILU : AFFINE,
        Amx.address(x, at, rows * row),
        Amx.address(c, cAt, 3 * row),
        Amx.address(y, at, rows * row),
        rows,
        channels / CHANNELS,
        row,
        CONSTANTS.address(),
        0,
        0);
  }
}
