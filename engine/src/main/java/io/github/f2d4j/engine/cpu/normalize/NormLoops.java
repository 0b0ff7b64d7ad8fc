package io.github.f2d4j.engine.cpu.normalize;

import io.github.f2d4j.engine.cpu.simd.Lanes;

/**
 * Loops of normalisations over rows that lie in heap arrays, see {@link NormScratch}. Sums along a
 * row are those of {@link RowLoops}, with its virtual lanes; sums over several rows are chains per
 * column.
 */
interface NormLoops {
  /** The form for this JVM's lane width. */
  NormLoops LOOPS = Lanes.VECTOR ? new VectorNorms() : new ScalarNorms();

  /** Σ x over {@code n} floats from {@code at}. */
  float sum(float[] x, int at, int n);

  /** Σ (x − shift) into {@code sums[0]} and Σ (x − shift)² into {@code sums[1]}. */
  void moments(float[] x, int at, int n, float shift, float[] sums);

  /**
   * x = ((x − mean)·scale + shift)·w + b, each multiply-add fused.
   *
   * @param wb w, then b, {@code n} floats each
   */
  void normalize(float[] x, int at, float[] wb, int n, float mean, float scale, float shift);

  /**
   * x = (x − c₀)·c₁ + c₂ for each column, fused; with {@code silu} x·sigmoid(x) of that.
   *
   * @param c three rows of {@code n} floats
   */
  void affineColumns(float[] x, int at, float[] c, int n, boolean silu);

  /**
   * acc₀ += Σ (x − shift), acc₁ += Σ (x − shift)² over {@code rows} rows from the start of {@code
   * x}, column by column; rows are added by fours.
   *
   * @param acc two rows of {@code n} floats
   */
  void addMoments(float[] x, int rows, int n, float[] shift, float[] acc);
}
