package io.github.f2d4j.engine.cpu.math;

import static io.github.f2d4j.engine.cpu.math.FloatMath.*;

import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops around functions of {@link FloatMath} on vectors, with the functions spelt out.
 *
 * <p>Called, a function would be inlined with what it calls into the loop, the loop into its
 * caller, and there C2's budget for inlining may end in the midst of the function, depending on
 * what was compiled first: then vectors go through objects on the heap, at a third of the speed.
 * Spelt out, a loop calls nothing but vector operations, which the budget does not limit, and
 * passes no vectors to others.
 */
public final class VectorLoops {
  private static final VectorSpecies<Float> F = VectorLanes.F32;

  private VectorLoops() {}

  /**
   * y = {@link FloatMath#exp2Above}(x, shift) for {@code rows} rows of one vector, and their sum.
   *
   * @param x one row every {@code pitch} floats from {@code at}, y the same
   * @param state the shift from {@code shiftAt}; the sum goes to {@code sumAt}
   */
  public static void exp2Above(
      float[] x, float[] y, int at, int pitch, int rows, float[] state, int shiftAt, int sumAt) {
    FloatVector shift = FloatVector.fromArray(F, state, shiftAt);
    FloatVector sum = FloatVector.zero(F);
    for (int i = 0; i < rows; i++) {
      FloatVector v = FloatVector.fromArray(F, x, at + i * pitch);
      FloatVector t = v.add(shift);
      FloatVector r = v.sub(t.sub(shift));
      FloatVector s = r.mul(r);
      FloatVector a = r.fma(FloatVector.broadcast(F, X4), FloatVector.broadcast(F, X3));
      FloatVector b = r.fma(FloatVector.broadcast(F, X2), FloatVector.broadcast(F, X1));
      FloatVector c = r.fma(FloatVector.broadcast(F, X0), FloatVector.broadcast(F, 1f));
      IntVector power = t.reinterpretAsInts().max(ROUND_BITS).min(ROUND_255_BITS);
      FloatVector e =
          s.fma(s.fma(a, b), c).mul(power.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
      e.intoArray(y, at + i * pitch);
      sum = sum.add(e);
    }
    sum.intoArray(state, sumAt);
  }

  /**
   * x = silu((x − c₀)·c₁ + c₂), the multiply-add fused, for columns 0 to {@code end}, a multiple of
   * the lanes.
   *
   * @param x a row from {@code at}
   * @param c three rows of {@code n} floats
   */
  public static void affineSilu(float[] x, int at, float[] c, int n, int end) {
    FloatVector one = FloatVector.broadcast(F, 1f);
    for (int i = 0; i < end; i += F.length()) {
      FloatVector z =
          FloatVector.fromArray(F, x, at + i)
              .sub(FloatVector.fromArray(F, c, i))
              .fma(FloatVector.fromArray(F, c, n + i), FloatVector.fromArray(F, c, 2 * n + i));
      FloatVector k = z.neg();
      k = k.blend(EXP_MIN, k.compare(VectorOperators.LT, EXP_MIN));
      k = k.blend(EXP_MAX, k.compare(VectorOperators.GT, EXP_MAX));
      FloatVector t = k.fma(FloatVector.broadcast(F, LOG2_E), FloatVector.broadcast(F, ROUND));
      FloatVector m = t.sub(ROUND);
      FloatVector r = m.fma(FloatVector.broadcast(F, -LN2_HI), k);
      r = m.fma(FloatVector.broadcast(F, -LN2_LO), r);
      FloatVector q = r.fma(FloatVector.broadcast(F, E4), FloatVector.broadcast(F, E3));
      q = q.fma(r, FloatVector.broadcast(F, E2));
      q = q.fma(r, FloatVector.broadcast(F, E1));
      q = q.fma(r, FloatVector.broadcast(F, E0));
      FloatVector p = r.mul(r).fma(q, r).add(one);
      IntVector e = t.reinterpretAsInts().sub(ROUND_BITS);
      IntVector h = e.lanewise(VectorOperators.ASHR, 1);
      FloatVector low = h.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
      FloatVector high = e.sub(h).add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
      z.div(p.mul(low).mul(high).add(one)).intoArray(x, at + i);
    }
  }

  /**
   * x = x/(1 + e^(−β·x)): {@link FloatMath#silu} for β = 1, {@link FloatMath#quickGelu} for {@link
   * FloatMath#QUICK}.
   *
   * @param count a multiple of the lanes
   */
  public static void swish(float[] x, int at, int count, float beta) {
    FloatVector one = FloatVector.broadcast(F, 1f);
    for (int i = at; i < at + count; i += F.length()) {
      FloatVector z = FloatVector.fromArray(F, x, i);
      FloatVector k = z.mul(-beta);
      k = k.blend(EXP_MIN, k.compare(VectorOperators.LT, EXP_MIN));
      k = k.blend(EXP_MAX, k.compare(VectorOperators.GT, EXP_MAX));
      FloatVector t = k.fma(FloatVector.broadcast(F, LOG2_E), FloatVector.broadcast(F, ROUND));
      FloatVector m = t.sub(ROUND);
      FloatVector r = m.fma(FloatVector.broadcast(F, -LN2_HI), k);
      r = m.fma(FloatVector.broadcast(F, -LN2_LO), r);
      FloatVector q = r.fma(FloatVector.broadcast(F, E4), FloatVector.broadcast(F, E3));
      q = q.fma(r, FloatVector.broadcast(F, E2));
      q = q.fma(r, FloatVector.broadcast(F, E1));
      q = q.fma(r, FloatVector.broadcast(F, E0));
      FloatVector p = r.mul(r).fma(q, r).add(one);
      IntVector e = t.reinterpretAsInts().sub(ROUND_BITS);
      IntVector h = e.lanewise(VectorOperators.ASHR, 1);
      FloatVector low = h.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
      FloatVector high = e.sub(h).add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
      z.div(p.mul(low).mul(high).add(one)).intoArray(x, i);
    }
  }

  /**
   * x = {@link FloatMath#gelu}(x).
   *
   * @param count a multiple of the lanes
   */
  public static void gelu(float[] x, int at, int count) {
    FloatVector one = FloatVector.broadcast(F, 1f);
    for (int i = at; i < at + count; i += F.length()) {
      FloatVector z = FloatVector.fromArray(F, x, i);
      FloatVector m = z.abs().mul(SQRT_HALF);
      FloatVector s = m.mul(m);
      FloatVector q = s.fma(FloatVector.broadcast(F, R5), FloatVector.broadcast(F, R4));
      q = q.fma(s, FloatVector.broadcast(F, R3));
      q = q.fma(s, FloatVector.broadcast(F, R2));
      q = q.fma(s, FloatVector.broadcast(F, R1));
      q = q.fma(s, FloatVector.broadcast(F, R0));
      FloatVector small = m.fma(q, m);
      FloatVector t = m.min(ERF_ONE);
      FloatVector u = t.fma(FloatVector.broadcast(F, C5), FloatVector.broadcast(F, C4));
      u = u.fma(t, FloatVector.broadcast(F, C3));
      u = u.fma(t, FloatVector.broadcast(F, C2));
      u = u.fma(t, FloatVector.broadcast(F, C1));
      u = t.mul(u.fma(t, FloatVector.broadcast(F, C0)));
      FloatVector n = u.add(ROUND);
      FloatVector r = u.sub(n.sub(ROUND));
      FloatVector w = r.fma(FloatVector.broadcast(F, X4), FloatVector.broadcast(F, X3));
      w = w.fma(r, FloatVector.broadcast(F, X2));
      w = w.fma(r, FloatVector.broadcast(F, X1));
      w = w.fma(r, FloatVector.broadcast(F, X0));
      IntVector power = n.reinterpretAsInts().add(127).lanewise(VectorOperators.LSHL, 23);
      FloatVector big = one.sub(w.fma(r, one).mul(power.reinterpretAsFloats()));
      FloatVector erf = big.blend(small, m.compare(VectorOperators.LT, 1f));
      z.abs().fma(erf, z).mul(0.5f).intoArray(x, i);
    }
  }
}
