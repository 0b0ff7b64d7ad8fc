package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.math.VectorMath;
import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link AttendLoops} on vectors; a panel is two vectors wide, so there are no tails. */
final class VectorAttend implements AttendLoops {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = F.length();
  private static final int COLUMNS = 2 * LANES;

  @Override
  public void softmax(float[] scores, int keys, float[] p, float[] state, int at) {
    softmax(scores, 0, keys, p, state, at);
    softmax(scores, LANES, keys, p, state, at + LANES);
  }

  /** One vector of queries, from column {@code from} of scores and p. */
  private static void softmax(
      float[] scores, int from, int keys, float[] p, float[] state, int at) {
    FloatVector old = FloatVector.fromArray(F, state, at);
    FloatVector max = old;
    FloatVector total = FloatVector.zero(F);
    for (int i = 0; i < keys; i++) {
      FloatVector v = FloatVector.fromArray(F, scores, i * COLUMNS + from);
      max = max.blend(v, v.compare(VectorOperators.GT, max));
      total = total.add(v);
    }
    FloatVector sum = FloatVector.zero(F);
    for (int i = 0; i < keys; i++) {
      FloatVector v = FloatVector.fromArray(F, scores, i * COLUMNS + from);
      FloatVector e = VectorMath.exp2Negated(max.sub(v));
      e.intoArray(p, i * COLUMNS + from);
      sum = sum.add(e);
    }
    sum = sum.blend(Float.NaN, total.test(VectorOperators.IS_NAN));
    FloatVector factor = VectorMath.exp2Negated(max.sub(old));
    max.intoArray(state, at);
    FloatVector.fromArray(F, state, at + COLUMNS).fma(factor, sum).intoArray(state, at + COLUMNS);
    factor.intoArray(state, at + 2 * COLUMNS);
  }

  @Override
  public void rescale(float[] sums, int at, int rows, float[] factors, int factorsAt) {
    FloatVector f0 = FloatVector.fromArray(F, factors, factorsAt);
    FloatVector f1 = FloatVector.fromArray(F, factors, factorsAt + LANES);
    for (int i = 0; i < rows; i++) {
      int row = at + i * COLUMNS;
      FloatVector.fromArray(F, sums, row).mul(f0).intoArray(sums, row);
      FloatVector.fromArray(F, sums, row + LANES).mul(f1).intoArray(sums, row + LANES);
    }
  }
}
