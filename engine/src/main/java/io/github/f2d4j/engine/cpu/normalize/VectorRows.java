package io.github.f2d4j.engine.cpu.normalize;

import io.github.f2d4j.engine.cpu.math.VectorMath;
import io.github.f2d4j.engine.cpu.simd.Lanes;
import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link RowLoops} on vectors: the 16 virtual lanes are one, two or four vectors. Conditions on
 * {@link #L} are constants to the compiler. Loads stand in the loops for the reason {@link
 * VectorElementwise} gives.
 */
final class VectorRows implements RowLoops {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final ByteOrder ORDER = VectorLanes.ORDER;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Floats in a vector. */
  private static final int L = Lanes.FLOATS;

  /** Bytes in a vector. */
  private static final long V = 4L * L;

  /** The tree sum of 16 virtual lanes: i with i + 8, then + 4, + 2, + 1. */
  static float tree(FloatVector a, FloatVector b, FloatVector c, FloatVector d) {
    if (L == 4) {
      FloatVector t = a.add(c).add(b.add(d));
      return (t.lane(0) + t.lane(2)) + (t.lane(1) + t.lane(3));
    }
    if (L == 8) {
      FloatVector s = a.add(b);
      float t0 = s.lane(0) + s.lane(4);
      float t1 = s.lane(1) + s.lane(5);
      float t2 = s.lane(2) + s.lane(6);
      float t3 = s.lane(3) + s.lane(7);
      return (t0 + t2) + (t1 + t3);
    }
    float t0 = (a.lane(0) + a.lane(8)) + (a.lane(4) + a.lane(12));
    float t1 = (a.lane(1) + a.lane(9)) + (a.lane(5) + a.lane(13));
    float t2 = (a.lane(2) + a.lane(10)) + (a.lane(6) + a.lane(14));
    float t3 = (a.lane(3) + a.lane(11)) + (a.lane(7) + a.lane(15));
    return (t0 + t2) + (t1 + t3);
  }

  @Override
  public float sum(MemorySegment x, long xo, int n, float shift) {
    FloatVector a = FloatVector.broadcast(F, 0f);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int end = n & -LANES;
    for (int i = 0; i < end; i += LANES) {
      long at = xo + 4L * i;
      a = a.add(FloatVector.fromMemorySegment(F, x, at, ORDER).sub(shift));
      if (L <= 8) {
        b = b.add(FloatVector.fromMemorySegment(F, x, at + V, ORDER).sub(shift));
      }
      if (L == 4) {
        c = c.add(FloatVector.fromMemorySegment(F, x, at + 2 * V, ORDER).sub(shift));
        d = d.add(FloatVector.fromMemorySegment(F, x, at + 3 * V, ORDER).sub(shift));
      }
    }
    return tree(a, b, c, d) + ScalarRows.sumOfTail(x, xo, end, n, shift);
  }

  @Override
  public float sumOfSquares(MemorySegment x, long xo, int n, float shift) {
    FloatVector a = FloatVector.broadcast(F, 0f);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int end = n & -LANES;
    for (int i = 0; i < end; i += LANES) {
      long at = xo + 4L * i;
      FloatVector p = FloatVector.fromMemorySegment(F, x, at, ORDER).sub(shift);
      a = p.fma(p, a);
      if (L <= 8) {
        FloatVector q = FloatVector.fromMemorySegment(F, x, at + V, ORDER).sub(shift);
        b = q.fma(q, b);
      }
      if (L == 4) {
        FloatVector r = FloatVector.fromMemorySegment(F, x, at + 2 * V, ORDER).sub(shift);
        c = r.fma(r, c);
        FloatVector s = FloatVector.fromMemorySegment(F, x, at + 3 * V, ORDER).sub(shift);
        d = s.fma(s, d);
      }
    }
    return tree(a, b, c, d) + ScalarRows.squaresOfTail(x, xo, end, n, shift);
  }

  @Override
  public float max(MemorySegment x, long xo, int n) {
    FloatVector a = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    int end = F.loopBound(n);
    for (int i = 0; i < end; i += L) {
      a = a.max(FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER));
    }
    float max = a.reduceLanes(VectorOperators.MAX);
    for (int i = end; i < n; i++) {
      max = Math.max(max, x.get(FLOAT, xo + 4L * i));
    }
    return max;
  }

  @Override
  public float min(MemorySegment x, long xo, int n) {
    FloatVector a = FloatVector.broadcast(F, Float.POSITIVE_INFINITY);
    int end = F.loopBound(n);
    for (int i = 0; i < end; i += L) {
      a = a.min(FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER));
    }
    float min = a.reduceLanes(VectorOperators.MIN);
    for (int i = end; i < n; i++) {
      min = Math.min(min, x.get(FLOAT, xo + 4L * i));
    }
    return min;
  }

  @Override
  public float exp(MemorySegment x, long xo, MemorySegment y, long yo, int n, float shift) {
    int end = n & -LANES;
    for (int i = 0; i < end; i += L) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER).sub(shift);
      VectorMath.exp(v).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    return sum(y, yo, end, 0f) + ScalarRows.expOfTail(x, xo, y, yo, end, n, shift);
  }

  @Override
  public void addRows(
      MemorySegment x, long xo, long stride, int rows, MemorySegment acc, long ao, int n) {
    int end = F.loopBound(n);
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      addFourRows(x, xo + r * stride, stride, acc, ao, end);
    }
    for (; r < rows; r++) {
      long row = xo + r * stride;
      for (int i = 0; i < end; i += L) {
        FloatVector.fromMemorySegment(F, acc, ao + 4L * i, ORDER)
            .add(FloatVector.fromMemorySegment(F, x, row + 4L * i, ORDER))
            .intoMemorySegment(acc, ao + 4L * i, ORDER);
      }
    }
    ScalarRows.addRowsFrom(end, x, xo, stride, rows, acc, ao, n);
  }

  private static void addFourRows(
      MemorySegment x, long x0, long stride, MemorySegment acc, long ao, int end) {
    long x1 = x0 + stride;
    long x2 = x1 + stride;
    long x3 = x2 + stride;
    for (int i = 0; i < end; i += L) {
      FloatVector low =
          FloatVector.fromMemorySegment(F, x, x0 + 4L * i, ORDER)
              .add(FloatVector.fromMemorySegment(F, x, x1 + 4L * i, ORDER));
      FloatVector high =
          FloatVector.fromMemorySegment(F, x, x2 + 4L * i, ORDER)
              .add(FloatVector.fromMemorySegment(F, x, x3 + 4L * i, ORDER));
      FloatVector.fromMemorySegment(F, acc, ao + 4L * i, ORDER)
          .add(low.add(high))
          .intoMemorySegment(acc, ao + 4L * i, ORDER);
    }
  }
}
