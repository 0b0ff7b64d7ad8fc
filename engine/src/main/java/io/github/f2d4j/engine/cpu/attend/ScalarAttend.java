package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.cpu.tile.Tile;

/** {@link AttendLoops} as plain loops. */
final class ScalarAttend implements AttendLoops {
  private static final int COLUMNS = Tile.BEST.columns();

  @Override
  public boolean softmax(float[] scores, int keys, float[] p, float[] state, int at) {
    boolean fit = true;
    for (int j = 0; j < COLUMNS; j++) {
      float shift = state[at + SoftmaxState.SHIFT + j];
      float tileSum = 0;
      for (int i = 0; i < keys; i++) {
        float e = FloatMath.exp2Above(scores[i * COLUMNS + j], shift);
        p[i * COLUMNS + j] = e;
        tileSum += e;
      }
      state[at + SoftmaxState.TILE_SUM + j] = tileSum;
      float sum = state[at + SoftmaxState.SUM + j] + tileSum;
      fit &= tileSum <= SoftmaxState.MOST && sum >= SoftmaxState.LEAST;
    }
    for (int j = 0; fit && j < COLUMNS; j++) {
      state[at + SoftmaxState.SUM + j] += state[at + SoftmaxState.TILE_SUM + j];
    }
    return fit;
  }

  @Override
  public void rescale(float[] sums, int at, int rows, float[] factors, int factorsAt) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < COLUMNS; j++) {
        sums[at + i * COLUMNS + j] *= factors[factorsAt + j];
      }
    }
  }
}
