package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.simd.Lanes;
import java.lang.foreign.MemorySegment;

/**
 * The steps of the transform of weights, G g Gᵀ, over stretches of packed weights: weighted sums of
 * one or three of them, the same bits at every lane width, a product and then one multiply-add
 * after the other. Counts are those of whole panels' rows.
 */
interface WinogradWeights {
  /** The loops of the lane width in use. */
  WinogradWeights BEST = Lanes.VECTOR ? new WinogradWeightsVector() : new WinogradWeightsScalar();

  /** {@code to[i] = w·t[i]}, t from byte {@code at} on. */
  void one(MemorySegment from, long at, float w, float[] to, int count);

  /** {@code to[i] = w₀·t₀[i] + w₁·t₁[i] + w₂·t₂[i]}, each t {@code step} bytes after the last. */
  void three(
      MemorySegment from, long at, long step, float w0, float w1, float w2, float[] to, int count);

  /** {@code to[i] = w·t[from + i]}. */
  void one(float[] t, int from, float w, float[] to, int count);

  /** {@code to[i] = w₀·t₀[from + i] + w₁·t₁[from + i] + w₂·t₂[from + i]}. */
  void three(float[][] t, int from, float w0, float w1, float w2, float[] to, int count);

  /**
   * Row {@code row} of G g, one array for each column of a kernel.
   *
   * @param first byte of the first tap
   * @param tap bytes from one tap to the next, in the order (kh, kw)
   */
  static void row(
      Winograd form, int row, MemorySegment from, long first, long tap, float[][] to, int count) {
    int single = form.single(row);
    for (int kw = 0; kw < Winograd.SIDE; kw++) {
      long at = first + kw * tap;
      if (single >= 0) {
        long down = (long) single * Winograd.SIDE * tap;
        BEST.one(from, at + down, form.weight(row, single), to[kw], count);
      } else {
        float w0 = form.weight(row, 0);
        float w1 = form.weight(row, 1);
        float w2 = form.weight(row, 2);
        BEST.three(from, at, Winograd.SIDE * tap, w0, w1, w2, to[kw], count);
      }
    }
  }

  /** Element {@code column} of such a row times Gᵀ, of numbers {@code from} and on. */
  static void element(Winograd form, int column, float[][] row, int from, float[] to, int count) {
    int single = form.single(column);
    if (single >= 0) {
      BEST.one(row[single], from, form.weight(column, single), to, count);
    } else {
      float w0 = form.weight(column, 0);
      float w1 = form.weight(column, 1);
      float w2 = form.weight(column, 2);
      BEST.three(row, from, w0, w1, w2, to, count);
    }
  }
}
