package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.cpu.tile.Tile;

/** {@link AttendLoops} as plain loops. */
final class ScalarAttend implements AttendLoops {
  private static final int COLUMNS = Tile.BEST.columns();

  @Override
  public void softmax(float[] scores, int keys, float[] p, float[] state, int at) {
    for (int j = 0; j < COLUMNS; j++) {
      float old = state[at + j];
      float max = old;
      float total = 0;
      for (int i = 0; i < keys; i++) {
        float v = scores[i * COLUMNS + j];
        max = v > max ? v : max;
        total += v;
      }
      float sum = 0;
      for (int i = 0; i < keys; i++) {
        float e = FloatMath.exp2Negated(max - scores[i * COLUMNS + j]);
        p[i * COLUMNS + j] = e;
        sum += e;
      }
      sum = Float.isNaN(total) ? Float.NaN : sum;
      float factor = FloatMath.exp2Negated(max - old);
      state[at + j] = max;
      state[at + COLUMNS + j] = Math.fma(state[at + COLUMNS + j], factor, sum);
      state[at + 2 * COLUMNS + j] = factor;
    }
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
