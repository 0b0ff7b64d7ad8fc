package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.simd.Lanes;
import java.lang.foreign.MemorySegment;

/**
 * Weighted sums of stretches of packed weights that lie at equal distances, the same bits at every
 * lane width: a product, then one multiply-add after the other.
 */
interface TapSum {
  /** The loops of the lane width in use. */
  TapSum BEST = Lanes.VECTOR ? new TapSumVector() : new TapSumScalar();

  /** {@code to[i] = w·t₀[i]}, t₀ from byte {@code at} on. */
  void one(MemorySegment from, long at, float w, float[] to, int count);

  /** {@code to[i] = w₀·t₀[i] + w₁·t₁[i] + w₂·t₂[i]}, each t {@code step} bytes after the last. */
  void three(
      MemorySegment from, long at, long step, float w0, float w1, float w2, float[] to, int count);

  /** The same for nine. */
  void nine(MemorySegment from, long at, long step, float[] w, float[] to, int count);
}
