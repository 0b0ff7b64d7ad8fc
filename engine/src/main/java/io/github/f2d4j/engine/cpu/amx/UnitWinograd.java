package io.github.f2d4j.engine.cpu.amx;

import io.github.f2d4j.engine.backend.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The transforms of Winograd's algorithm for whole tiles in machine code, which the first call
 * finds as fast as the last. May be touched only where {@link Amx#used} is true.
 */
public final class UnitWinograd {
  /** Channels that go together. */
  public static final int CHANNELS = Tiles.SIDE;

  /** Side of a tile of inputs. */
  private final int n;

  private final MemorySegment constants;
  private final MemorySegment input;
  private final MemorySegment output;
  private final MemorySegment outputAndAdd;

  private UnitWinograd(int n, float[] constants) {
    this.n = n;
    this.constants = HostBuffer.allocate(4L * constants.length + 4).segment();
    MemorySegment.copy(constants, 0, this.constants, ValueLayout.JAVA_FLOAT, 0, constants.length);
    input = Amx.place(WinogradCode.input(n));
    output = Amx.place(WinogradCode.output(n, false));
    outputAndAdd = Amx.place(WinogradCode.output(n, true));
  }

  /** The transforms of F(2×2, 3×3) at the points 0, ±1, ∞. */
  public static UnitWinograd ofTwo() {
    return new UnitWinograd(4, new float[0]);
  }

  /** The transforms of F(4×4, 3×3) at the points 0, ±p, ±q, ∞. */
  public static UnitWinograd ofFour(float p, float q) {
    return new UnitWinograd(6, new WinogradCode.Points(p, q).constants());
  }

  /**
   * Bᵀ d B of a tile.
   *
   * @param pixels off the heap, the tile's first pixel at byte {@code from}
   * @param pixel bytes from a pixel to the one beside it
   * @param line bytes from a pixel to the one below
   * @param to the first position at byte {@code at}
   * @param stride bytes from one position to the next
   * @param channels a multiple of {@link #CHANNELS}, not 0
   */
  public void input(
      MemorySegment pixels,
      long from,
      long pixel,
      long line,
      MemorySegment to,
      long at,
      long stride,
      int channels) {
    long bytes = 4L * channels;
    long x = Amx.address(pixels, from, (n - 1) * (line + pixel) + bytes);
    long y = Amx.address(to, at, (n * n - 1) * stride + bytes);
    Amx.call(
        input, x, constants.address(), y, (long) channels / CHANNELS, 0L, pixel, line, stride, 0);
  }

  /**
   * Aᵀ m A of a tile, and a bias and perhaps more added to its pixels. Arguments as {@link
   * #input}'s.
   *
   * @param products the first position at byte {@code from}
   * @param bias of the channels
   * @param residual laid out like {@code pixels}, or null for none
   */
  public void output(
      MemorySegment products,
      long from,
      long stride,
      MemorySegment bias,
      @Nullable MemorySegment residual,
      MemorySegment pixels,
      long at,
      long pixel,
      long line,
      int channels) {
    long bytes = 4L * channels;
    int m = n - 2;
    long tile = (m - 1) * (line + pixel) + bytes;
    MemorySegment function = residual == null ? output : outputAndAdd;
    long added = residual == null ? 0 : Amx.address(residual, at, tile);
    long x = Amx.address(products, from, (n * n - 1) * stride + bytes);
    long y = Amx.address(pixels, at, tile);
    long biases = Amx.address(bias, 0, bytes);
    Amx.call(
        function,
        x,
        constants.address(),
        y,
        (long) channels / CHANNELS,
        biases,
        stride,
        pixel,
        line,
        added);
  }
}
