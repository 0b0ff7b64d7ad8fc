package io.github.f2d4j.engine.cpu.gemm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The steps of F(2×2, 3×3) in plain loops, from any channel on. */
final class WinogradF2Scalar implements WinogradTransform {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int ROW = 4 * STRETCH;

  @Override
  public void inputColumn(
      MemorySegment from, long offset, long step, float[] to, int at, int count) {
    inputColumn(from, offset, step, to, at, 0, count);
  }

  static void inputColumn(
      MemorySegment from, long offset, long step, float[] to, int at, int first, int count) {
    for (int c = first; c < count; c++) {
      long o = offset + 4L * c;
      float d1 = from.get(FLOAT, o + step);
      float d2 = from.get(FLOAT, o + 2 * step);
      int i = at + c;
      to[i] = from.get(FLOAT, o) - d2;
      to[i + ROW] = d1 + d2;
      to[i + 2 * ROW] = d2 - d1;
      to[i + 3 * ROW] = from.get(FLOAT, o + 3 * step) - d1;
    }
  }

  @Override
  public void inputRow(float[] from, int at, MemorySegment to, long offset, long step, int count) {
    inputRow(from, at, to, offset, step, 0, count);
  }

  static void inputRow(
      float[] from, int at, MemorySegment to, long offset, long step, int first, int count) {
    for (int c = first; c < count; c++) {
      int i = at + c;
      float d1 = from[i + STRETCH];
      float d2 = from[i + 2 * STRETCH];
      long o = offset + 4L * c;
      to.set(FLOAT, o, from[i] - d2);
      to.set(FLOAT, o + step, d1 + d2);
      to.set(FLOAT, o + 2 * step, d2 - d1);
      to.set(FLOAT, o + 3 * step, from[i + 3 * STRETCH] - d1);
    }
  }

  @Override
  public void outputColumn(
      MemorySegment from, long offset, long step, float[] to, int at, int count) {
    outputColumn(from, offset, step, to, at, 0, count);
  }

  static void outputColumn(
      MemorySegment from, long offset, long step, float[] to, int at, int first, int count) {
    for (int c = first; c < count; c++) {
      long o = offset + 4L * c;
      float m1 = from.get(FLOAT, o + step);
      float m2 = from.get(FLOAT, o + 2 * step);
      int i = at + c;
      to[i] = from.get(FLOAT, o) + m1 + m2;
      to[i + ROW] = m1 - m2 + from.get(FLOAT, o + 3 * step);
    }
  }

  @Override
  public void outputRow(float[] from, int at, float[] panels, int pixel, int count) {
    outputRow(from, at, panels, pixel, 0, count);
  }

  static void outputRow(float[] from, int at, float[] panels, int pixel, int first, int count) {
    int width = Panels.width();
    for (int c = first; c < count; c++) {
      int i = at + c;
      float m1 = from[i + STRETCH];
      float m2 = from[i + 2 * STRETCH];
      int panel = c / width;
      int to = (4 * panel + pixel) * width + c - panel * width;
      panels[to] = from[i] + m1 + m2;
      panels[to + width] = m1 - m2 + from[i + 3 * STRETCH];
    }
  }
}
