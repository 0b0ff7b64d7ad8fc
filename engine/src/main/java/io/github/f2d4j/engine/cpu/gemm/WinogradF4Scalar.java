package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.gemm.Winograd.F4Points;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The steps of F(4×4, 3×3) in plain loops, from any channel on. */
final class WinogradF4Scalar implements WinogradTransform {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int ROW = 6 * STRETCH;
  private static final float P = F4Points.P;
  private static final float Q = F4Points.Q;
  private static final float P2 = F4Points.P2;
  private static final float Q2 = F4Points.Q2;
  private static final float P3 = F4Points.P3;
  private static final float Q3 = F4Points.Q3;
  private static final float P2_Q2 = F4Points.P2_Q2;
  private static final float SUM = F4Points.SUM;

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
      float d3 = from.get(FLOAT, o + 3 * step);
      float d4 = from.get(FLOAT, o + 4 * step);
      int i = at + c;
      to[i] = Math.fma(from.get(FLOAT, o), P2_Q2, Math.fma(d2, -SUM, d4));
      float even = Math.fma(d2, -Q2, d4);
      float odd = Math.fma(d1, -Q2, d3);
      to[i + ROW] = Math.fma(odd, P, even);
      to[i + 2 * ROW] = Math.fma(odd, -P, even);
      even = Math.fma(d2, -P2, d4);
      odd = Math.fma(d1, -P2, d3);
      to[i + 3 * ROW] = Math.fma(odd, Q, even);
      to[i + 4 * ROW] = Math.fma(odd, -Q, even);
      to[i + 5 * ROW] = Math.fma(d1, P2_Q2, Math.fma(d3, -SUM, from.get(FLOAT, o + 5 * step)));
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
      float d3 = from[i + 3 * STRETCH];
      float d4 = from[i + 4 * STRETCH];
      long o = offset + 4L * c;
      to.set(FLOAT, o, Math.fma(from[i], P2_Q2, Math.fma(d2, -SUM, d4)));
      float even = Math.fma(d2, -Q2, d4);
      float odd = Math.fma(d1, -Q2, d3);
      to.set(FLOAT, o + step, Math.fma(odd, P, even));
      to.set(FLOAT, o + 2 * step, Math.fma(odd, -P, even));
      even = Math.fma(d2, -P2, d4);
      odd = Math.fma(d1, -P2, d3);
      to.set(FLOAT, o + 3 * step, Math.fma(odd, Q, even));
      to.set(FLOAT, o + 4 * step, Math.fma(odd, -Q, even));
      float last = Math.fma(d1, P2_Q2, Math.fma(d3, -SUM, from[i + 5 * STRETCH]));
      to.set(FLOAT, o + 5 * step, last);
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
      float m3 = from.get(FLOAT, o + 3 * step);
      float m4 = from.get(FLOAT, o + 4 * step);
      float p = m1 + m2;
      float q = m1 - m2;
      float r = m3 + m4;
      float s = m3 - m4;
      int i = at + c;
      to[i] = from.get(FLOAT, o) + p + r;
      to[i + ROW] = Math.fma(s, Q, q * P);
      to[i + 2 * ROW] = Math.fma(r, Q2, p * P2);
      to[i + 3 * ROW] = Math.fma(s, Q3, Math.fma(q, P3, from.get(FLOAT, o + 5 * step)));
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
      float m3 = from[i + 3 * STRETCH];
      float m4 = from[i + 4 * STRETCH];
      float p = m1 + m2;
      float q = m1 - m2;
      float r = m3 + m4;
      float s = m3 - m4;
      int panel = c / width;
      int to = (16 * panel + pixel) * width + c - panel * width;
      panels[to] = from[i] + p + r;
      panels[to + width] = Math.fma(s, Q, q * P);
      panels[to + 2 * width] = Math.fma(r, Q2, p * P2);
      panels[to + 3 * width] = Math.fma(s, Q3, Math.fma(q, P3, from[i + 5 * STRETCH]));
    }
  }
}
