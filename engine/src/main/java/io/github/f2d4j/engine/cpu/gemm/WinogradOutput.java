package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.amx.UnitWinograd;
import io.github.f2d4j.engine.op.Activation;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Transforms tiles of products into pixels and applies the epilogue to them: element (position,
 * tile, channel) is at float {@code position * stride + tile * channels + channel}.
 *
 * @param form the transform
 * @param steps its steps
 * @param tiles where tiles lie
 * @param channels channels of the output
 * @param activation what is applied after the bias
 */
record WinogradOutput(
    Winograd form,
    WinogradTransform steps,
    WinogradTiles tiles,
    int channels,
    Activation activation) {
  private static final GemmEpilogue FINISH = GemmEpilogue.BEST;

  /** What an epilogue reads and writes. */
  static final class Target {
    private final float @Nullable [] bias;
    private final MemorySegment biasOrZeros;
    private final @Nullable MemorySegment residual;
    private final MemorySegment out;

    /**
     * Takes the operands.
     *
     * @param bias padded to whole panels, or null for none
     * @param biasOrZeros the same off the heap, or zeros
     * @param residual laid out like {@code out}, or null for none
     * @param out float32 [N,H',W',O]
     */
    Target(
        float @Nullable [] bias,
        MemorySegment biasOrZeros,
        @Nullable MemorySegment residual,
        MemorySegment out) {
      this.bias = bias;
      this.biasOrZeros = biasOrZeros;
      this.residual = residual;
      this.out = out;
    }
  }

  /**
   * Transforms one tile.
   *
   * @param offset bytes to the tile's first position
   * @param stride bytes from a position to the next
   */
  void transform(
      MemorySegment from,
      long offset,
      long stride,
      int tile,
      Target target,
      WinogradScratch scratch) {
    int n = form.in();
    int down = Math.min(form.out(), tiles.outH() - tiles.row(tile));
    int across = Math.min(form.out(), tiles.outW() - tiles.column(tile));
    boolean whole = down == form.out() && across == form.out();
    UnitWinograd unit = WinogradTransform.unit(form, channels);
    if (unit != null && whole && activation == Activation.NONE) {
      long pixel = 4L * channels;
      unit.output(
          from,
          offset,
          stride,
          target.biasOrZeros,
          target.residual,
          target.out,
          pixel * firstPixel(tile),
          pixel,
          pixel * tiles.outW(),
          channels);
      return;
    }
    for (int c = 0; c < channels; c += WinogradTransform.STRETCH) {
      int count = Math.min(WinogradTransform.STRETCH, channels - c);
      for (int j = 0; j < n; j++) {
        long column = offset + 4L * c + j * stride;
        int at = j * WinogradTransform.STRETCH;
        steps.outputColumn(from, column, n * stride, scratch.tile, at, count);
      }
      for (int i = 0; i < form.out(); i++) {
        int at = i * n * WinogradTransform.STRETCH;
        steps.outputRow(scratch.tile, at, scratch.panels, i * form.out(), count);
      }
      finish(tile, down, across, c, count, target, scratch.panels);
    }
  }

  private long firstPixel(int tile) {
    long line = (long) tiles.image(tile) * tiles.outH() + tiles.row(tile);
    return line * tiles.outW() + tiles.column(tile);
  }

  /** Bias, activation, residual and store of a tile's channels {@code [c, c + count)}. */
  private void finish(
      int tile, int down, int across, int c, int count, Target target, float[] panels) {
    int width = Panels.width();
    int pixels = form.out() * form.out();
    int wanted = Math.ceilDiv(count, width);
    float[] bias = target.bias;
    if (bias != null) {
      for (int p = 0; p < wanted; p++) {
        FINISH.bias(panels, p * pixels * width, pixels, bias, c + p * width);
      }
    }
    FINISH.activate(activation, panels, 0, wanted * pixels * width);
    long pixel = 4L * channels;
    for (int i = 0; i < down; i++) {
      long line = (firstPixel(tile) + (long) i * tiles.outW()) * pixel + 4L * c;
      for (int p = 0; p < wanted; p++) {
        int at = (p * pixels + i * form.out()) * width;
        int columns = Math.min(width, count - p * width);
        long to = line + 4L * p * width;
        FINISH.store(panels, at, across, columns, target.out, to, pixel, target.residual);
      }
    }
  }
}
