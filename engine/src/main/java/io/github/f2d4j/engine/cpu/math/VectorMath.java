package io.github.f2d4j.engine.cpu.math;

import static io.github.f2d4j.engine.cpu.math.FloatMath.*;

import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link FloatMath} on vectors: the same operations in the same order, so the same bits. Minimum
 * and maximum are comparisons and blends, which are fewer instructions than the NaN-aware ones.
 */
public final class VectorMath {
  private static final VectorSpecies<Float> F = VectorLanes.F32;

  private VectorMath() {}

  /** The float32 lanes at byte {@code offset}. */
  public static FloatVector load(MemorySegment s, long offset) {
    return FloatVector.fromMemorySegment(F, s, offset, VectorLanes.ORDER);
  }

  /** Writes float32 lanes to byte {@code offset}. */
  public static void store(MemorySegment s, long offset, FloatVector v) {
    v.intoMemorySegment(s, offset, VectorLanes.ORDER);
  }

  /** {@code value} in every lane. */
  public static FloatVector all(float value) {
    return FloatVector.broadcast(F, value);
  }

  /** As {@link FloatMath#exp}. */
  public static FloatVector exp(FloatVector x) {
    FloatVector c = x.blend(EXP_MIN, x.compare(VectorOperators.LT, EXP_MIN));
    c = c.blend(EXP_MAX, c.compare(VectorOperators.GT, EXP_MAX));
    FloatVector t = c.fma(all(LOG2_E), all(ROUND));
    FloatVector n = t.sub(ROUND);
    FloatVector r = n.fma(all(-LN2_LO), n.fma(all(-LN2_HI), c));
    FloatVector q = r.fma(all(E4), all(E3));
    q = q.fma(r, all(E2));
    q = q.fma(r, all(E1));
    q = q.fma(r, all(E0));
    FloatVector p = r.mul(r).fma(q, r).add(1f);
    IntVector i = t.reinterpretAsInts().sub(ROUND_BITS);
    IntVector h = i.lanewise(VectorOperators.ASHR, 1);
    return p.mul(powerOfTwo(h)).mul(powerOfTwo(i.sub(h)));
  }

  private static FloatVector powerOfTwo(IntVector n) {
    return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  static FloatVector exp2Bounded(FloatVector x) {
    FloatVector t = x.add(ROUND);
    FloatVector r = x.sub(t.sub(ROUND));
    FloatVector q = r.fma(all(X4), all(X3));
    q = q.fma(r, all(X2));
    q = q.fma(r, all(X1));
    q = q.fma(r, all(X0));
    return q.fma(r, all(1f)).mul(powerOfTwo(t.reinterpretAsInts()));
  }

  /** As {@link FloatMath#log}. */
  public static FloatVector log(FloatVector x) {
    VectorMask<Float> small = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
    IntVector bits = x.blend(x.mul(0x1p23f), small).reinterpretAsInts();
    IntVector e = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
    FloatVector f = bits.sub(e.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats().sub(1f);
    FloatVector k =
        e.add(ROUND_BITS).reinterpretAsFloats().sub(ROUND).sub(all(0f).blend(23f, small));
    FloatVector q = f.fma(all(L7), all(L6));
    q = q.fma(f, all(L5));
    q = q.fma(f, all(L4));
    q = q.fma(f, all(L3));
    q = q.fma(f, all(L2));
    q = q.fma(f, all(L1));
    q = q.fma(f, all(L0));
    FloatVector s = f.mul(f);
    FloatVector y = f.mul(s).fma(q, k.mul(LN2_LO));
    y = s.fma(all(-0.5f), y).add(f);
    y = k.fma(all(LN2_HI), y);
    y = x.blend(y, x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
    y = y.blend(Float.NaN, x.compare(VectorOperators.LT, 0f));
    return y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f));
  }

  /** As {@link FloatMath#tanh}. */
  public static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector s = x.mul(x);
    FloatVector q = s.fma(all(T4), all(T3));
    q = q.fma(s, all(T2));
    q = q.fma(s, all(T1));
    q = q.fma(s, all(T0));
    FloatVector small = x.mul(s).fma(q, x);
    FloatVector c = a.blend(TANH_ONE, a.compare(VectorOperators.GT, TANH_ONE));
    FloatVector big = all(1f).sub(all(2f).div(exp2Bounded(c.mul(TWO_LOG2_E)).add(1f)));
    big = big.blend(big.neg(), x.compare(VectorOperators.LT, 0f));
    return big.blend(small, a.compare(VectorOperators.LT, TANH_SMALL));
  }

  /** As {@link FloatMath#erf}. */
  public static FloatVector erf(FloatVector x) {
    FloatVector y = erfOfMagnitude(x.abs());
    return y.blend(y.neg(), x.compare(VectorOperators.LT, 0f));
  }

  static FloatVector erfOfMagnitude(FloatVector a) {
    FloatVector s = a.mul(a);
    FloatVector q = s.fma(all(R5), all(R4));
    q = q.fma(s, all(R3));
    q = q.fma(s, all(R2));
    q = q.fma(s, all(R1));
    q = q.fma(s, all(R0));
    FloatVector small = a.fma(q, a);
    FloatVector t = a.min(ERF_ONE);
    FloatVector u = t.fma(all(C5), all(C4));
    u = u.fma(t, all(C3));
    u = u.fma(t, all(C2));
    u = u.fma(t, all(C1));
    u = u.fma(t, all(C0));
    FloatVector big = all(1f).sub(exp2Bounded(t.mul(u)));
    return big.blend(small, a.compare(VectorOperators.LT, 1f));
  }

  /** As {@link FloatMath#sigmoid}. */
  public static FloatVector sigmoid(FloatVector x) {
    return all(1f).div(exp(x.neg()).add(1f));
  }

  /** As {@link FloatMath#silu}. */
  public static FloatVector silu(FloatVector x) {
    return x.div(exp(x.neg()).add(1f));
  }

  /** As {@link FloatMath#gelu}. */
  public static FloatVector gelu(FloatVector x) {
    FloatVector a = x.abs();
    return a.fma(erfOfMagnitude(a.mul(SQRT_HALF)), x).mul(0.5f);
  }

  /** As {@link FloatMath#quickGelu}. */
  public static FloatVector quickGelu(FloatVector x) {
    return x.div(exp(x.mul(-QUICK)).add(1f));
  }
}
