package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.UnitWinograd;
import io.github.f2d4j.engine.cpu.simd.Lanes;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The one-dimensional steps of the transforms of F(m×m, 3×3), over many channels at once. A tile is
 * transformed by one step for each of its columns and then one for each of its rows. Every result
 * is a fixed expression of its operands, the same at every lane width.
 *
 * <p>Tiles on their way from columns to rows lie in an array of {@link #STRETCH} channels: element
 * (row, column, channel) of an n × n tile at {@code (row * n + column) * STRETCH + channel}.
 */
interface WinogradTransform {
  /** Most channels in one call: a tile of 6 × 6 is then 9 KiB, less than a first-level cache. */
  int STRETCH = 64;

  /** The steps of {@code form} at the lane width in use. */
  static WinogradTransform of(Winograd form) {
    return switch (form) {
      case F2 -> Lanes.VECTOR ? new WinogradF2Vector() : new WinogradF2Scalar();
      case F4 -> Lanes.VECTOR ? new WinogradF4Vector() : new WinogradF4Scalar();
    };
  }

  /** The same for whole tiles of so many channels in machine code, where there is such. */
  static @Nullable UnitWinograd unit(Winograd form, int channels) {
    if (!Amx.used() || channels % UnitWinograd.CHANNELS != 0 || channels == 0) {
      return null;
    }
    return switch (form) {
      case F2 -> Units.F2;
      case F4 -> Units.F4;
    };
  }

  /** Made when they are first needed. */
  final class Units {
    private static final UnitWinograd F2 = UnitWinograd.ofTwo();
    private static final UnitWinograd F4 =
        UnitWinograd.ofFour(Winograd.F4Points.P, Winograd.F4Points.Q);

    private Units() {}
  }

  /**
   * Transforms a column of an input tile, Bᵀd.
   *
   * @param offset bytes to the column's first pixel
   * @param step bytes from a pixel to the one below
   * @param at index of the result's first row; the next is {@code n * STRETCH} further
   */
  void inputColumn(MemorySegment from, long offset, long step, float[] to, int at, int count);

  /**
   * Transforms a row of an input tile, dB.
   *
   * @param at index of the row's first column; the next is {@code STRETCH} further
   * @param offset bytes to the result's first position
   * @param step bytes from a position to the next
   */
  void inputRow(float[] from, int at, MemorySegment to, long offset, long step, int count);

  /**
   * Transforms a column of a tile of products, Aᵀm.
   *
   * @param offset bytes to the column's first position
   * @param step bytes from a position to the one below
   * @param at index of the result's first row; the next is {@code n * STRETCH} further
   */
  void outputColumn(MemorySegment from, long offset, long step, float[] to, int at, int count);

  /**
   * Transforms a row of a tile of products, mA, into pixels. They lie in panels as {@link
   * GemmEpilogue} has them, one row per pixel.
   *
   * @param at index of the row's first column; the next is {@code STRETCH} further
   * @param pixel number of the row's first pixel in the tile
   */
  void outputRow(float[] from, int at, float[] panels, int pixel, int count);
}
