package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.amx.UnitWinograd;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Transforms tiles of the input: element (position, tile, channel) goes to float {@code position *
 * stride + tile * channels + channel}.
 *
 * @param form the transform
 * @param steps its steps
 * @param tiles where tiles lie
 */
record WinogradInput(Winograd form, WinogradTransform steps, WinogradTiles tiles) {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /**
   * Transforms one tile.
   *
   * @param offset bytes to the tile's first position
   * @param stride bytes from a position to the next
   */
  void transform(
      MemorySegment image,
      int tile,
      MemorySegment to,
      long offset,
      long stride,
      WinogradScratch scratch) {
    int n = form.in();
    int y = tiles.row(tile) - tiles.top();
    int x = tiles.column(tile) - tiles.left();
    boolean inside = y >= 0 && x >= 0 && y + n <= tiles.height() && x + n <= tiles.width();
    int channels = tiles.channels();
    long pixel = 4L * channels;
    long line = pixel * tiles.width();
    long first = (((long) tiles.image(tile) * tiles.height() + y) * tiles.width() + x) * pixel;
    UnitWinograd unit = WinogradTransform.unit(form, channels);
    if (unit != null && inside) {
      unit.input(image, first, pixel, line, to, offset, stride, channels);
      return;
    }
    for (int c = 0; c < channels; c += WinogradTransform.STRETCH) {
      int count = Math.min(WinogradTransform.STRETCH, channels - c);
      long step = 4L * WinogradTransform.STRETCH;
      if (unit != null) {
        copyEdge(image, first + 4L * c, y, x, scratch.edge, count);
        unit.input(scratch.edge, 0, step, n * step, to, offset + 4L * c, stride, count);
        continue;
      }
      if (inside) {
        columns(image, first + 4L * c, pixel, line, scratch.tile, count);
      } else {
        copyEdge(image, first + 4L * c, y, x, scratch.edge, count);
        columns(scratch.edge, 0, step, n * step, scratch.tile, count);
      }
      rows(scratch.tile, to, offset + 4L * c, stride, count);
    }
  }

  private void columns(
      MemorySegment from, long offset, long pixel, long line, float[] to, int count) {
    for (int j = 0; j < form.in(); j++) {
      int at = j * WinogradTransform.STRETCH;
      steps.inputColumn(from, offset + j * pixel, line, to, at, count);
    }
  }

  private void rows(float[] from, MemorySegment to, long offset, long stride, int count) {
    int n = form.in();
    long line = n * stride;
    for (int i = 0; i < n; i++) {
      int at = i * n * WinogradTransform.STRETCH;
      steps.inputRow(from, at, to, offset + i * line, stride, count);
    }
  }

  /** Copies a tile at the edge of the image, with 0 for what is outside. */
  private void copyEdge(
      MemorySegment image, long first, int y, int x, MemorySegment to, int count) {
    int n = form.in();
    long pixel = 4L * tiles.channels();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        long place = 4L * (i * n + j) * WinogradTransform.STRETCH;
        boolean inside =
            y + i >= 0 && y + i < tiles.height() && x + j >= 0 && x + j < tiles.width();
        if (inside) {
          long from = first + (i * (long) tiles.width() + j) * pixel;
          MemorySegment.copy(image, FLOAT, from, to, FLOAT, place, count);
        } else {
          to.asSlice(place, 4L * count).fill((byte) 0);
        }
      }
    }
  }
}
