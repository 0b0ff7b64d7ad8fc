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
}
