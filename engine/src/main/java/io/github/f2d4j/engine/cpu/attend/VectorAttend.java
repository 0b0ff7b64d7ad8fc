package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.math.VectorLoops;
import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import io.github.f2d4j.engine.cpu.tile.Tile;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link AttendLoops} on vectors; a panel is a few vectors wide, so there are no tails. */
final class VectorAttend implements AttendLoops {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = F.length();
  private static final int COLUMNS = Tile.BEST.columns();

  @Override
  public boolean softmax(float[] scores, int keys, float[] p, float[] state, int at) {
    boolean fit = true;
    for (int j = 0; j < COLUMNS; j += LANES) {
      int sumAt = at + SoftmaxState.TILE_SUM + j;
      VectorLoops.exp2Above(scores, p, j, COLUMNS, keys, state, at + SoftmaxState.SHIFT + j, sumAt);
      FloatVector tileSum = FloatVector.fromArray(F, state, sumAt);
      FloatVector sum = tileSum.add(FloatVector.fromArray(F, state, at + SoftmaxState.SUM + j));
      fit &= tileSum.compare(VectorOperators.LE, SoftmaxState.MOST).allTrue();
      fit &= sum.compare(VectorOperators.GE, SoftmaxState.LEAST).allTrue();
    }
    for (int j = 0; fit && j < COLUMNS; j += LANES) {
      FloatVector.fromArray(F, state, at + SoftmaxState.TILE_SUM + j)
          .add(FloatVector.fromArray(F, state, at + SoftmaxState.SUM + j))
          .intoArray(state, at + SoftmaxState.SUM + j);
    }
    return fit;
  }

  @Override
  public void rescale(float[] sums, int at, int rows, float[] factors, int factorsAt) {
    for (int j = 0; j < COLUMNS; j += LANES) {
      FloatVector factor = FloatVector.fromArray(F, factors, factorsAt + j);
      for (int i = at + j; i < at + rows * COLUMNS; i += COLUMNS) {
        FloatVector.fromArray(F, sums, i).mul(factor).intoArray(sums, i);
      }
    }
  }
}
