package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.simd.Lanes;
import io.github.f2d4j.engine.cpu.tile.Tile;
import io.github.f2d4j.engine.op.Activation;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What happens to finished sums while they are still in the first-level cache: bias, activation,
 * residual, store. Sums lie in panels: {@code rows} rows of {@link Tile#columns()} floats, dense.
 * The same operations at every lane width.
 */
interface GemmEpilogue {
  /** The epilogue of the lane width in use. */
  GemmEpilogue BEST = Lanes.VECTOR ? new GemmEpilogueVector() : new GemmEpilogueScalar();

  /** Adds {@code bias[biasAt + column]} to every row of a panel. */
  void bias(float[] sums, int at, int rows, float[] bias, int biasAt);

  /** Applies an activation other than GEGLU to {@code count} floats. */
  void activate(Activation activation, float[] sums, int at, int count);

  /** h = h·gelu(gate) for {@code count} floats; what the gate is after it does not matter. */
  void gate(float[] sums, int h, int gate, int count);

  /**
   * Stores a panel.
   *
   * @param columns columns to store, at most the panel's
   * @param offset bytes to the first element in {@code out} and {@code residual}
   * @param stride bytes between rows there
   * @param residual added before storing, if present
   */
  void store(
      float[] sums,
      int at,
      int rows,
      int columns,
      MemorySegment out,
      long offset,
      long stride,
      @Nullable MemorySegment residual);
}
