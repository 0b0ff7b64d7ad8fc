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
  private static float tree(FloatVector a, FloatVector b, FloatVector c, FloatVector d) {
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
  public void normalize(
      MemorySegment x,
      long xo,
      MemorySegment w,
      MemorySegment b,
      MemorySegment y,
      long yo,
      int n,
      float mean,
      float scale,
      float shift) {
    FloatVector vScale = FloatVector.broadcast(F, scale);
    FloatVector vShift = FloatVector.broadcast(F, shift);
    int end = F.loopBound(n);
    for (int i = 0; i < end; i += L) {
      FloatVector z =
          FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER).sub(mean).fma(vScale, vShift);
      z.fma(
              FloatVector.fromMemorySegment(F, w, 4L * i, ORDER),
              FloatVector.fromMemorySegment(F, b, 4L * i, ORDER))
          .intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarRows.normalizeFrom(end, x, xo, w, b, y, yo, n, mean, scale, shift);
  }

  @Override
  public void affineColumns(
      MemorySegment x,
      long xo,
      MemorySegment c,
      long co,
      MemorySegment y,
      long yo,
      int n,
      boolean silu) {
    int end = F.loopBound(n);
    if (silu) {
      affineColumnsSilu(x, xo, c, co, y, yo, n, end);
    } else {
      affineColumnsPlain(x, xo, c, co, y, yo, n, end);
    }
    ScalarRows.affineColumnsFrom(end, x, xo, c, co, y, yo, n, silu);
  }

  private static void affineColumnsSilu(
      MemorySegment x,
      long xo,
      MemorySegment c,
      long co,
      MemorySegment y,
      long yo,
      int n,
      int end) {
    for (int i = 0; i < end; i += L) {
      long at = co + 4L * i;
      FloatVector d =
          FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER)
              .sub(FloatVector.fromMemorySegment(F, c, at, ORDER));
      FloatVector z =
          d.fma(
              FloatVector.fromMemorySegment(F, c, at + 4L * n, ORDER),
              FloatVector.fromMemorySegment(F, c, at + 8L * n, ORDER));
      VectorMath.silu(z).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
  }

  private static void affineColumnsPlain(
      MemorySegment x,
      long xo,
      MemorySegment c,
      long co,
      MemorySegment y,
      long yo,
      int n,
      int end) {
    for (int i = 0; i < end; i += L) {
      long at = co + 4L * i;
      FloatVector d =
          FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER)
              .sub(FloatVector.fromMemorySegment(F, c, at, ORDER));
      d.fma(
              FloatVector.fromMemorySegment(F, c, at + 4L * n, ORDER),
              FloatVector.fromMemorySegment(F, c, at + 8L * n, ORDER))
          .intoMemorySegment(y, yo + 4L * i, ORDER);
    }
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

  @Override
  public void addMoments(
      MemorySegment x,
      long xo,
      long stride,
      int rows,
      MemorySegment shift,
      long so,
      MemorySegment acc,
      long ao,
      int n) {
    int end = F.loopBound(n);
    long squares = ao + 4L * n;
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      addFourMoments(x, xo + r * stride, stride, shift, so, acc, ao, squares, end);
    }
    for (; r < rows; r++) {
      addRowMoments(x, xo + r * stride, shift, so, acc, ao, squares, end);
    }
    ScalarRows.addMomentsFrom(end, x, xo, stride, rows, shift, so, acc, ao, n);
  }

  private static void addRowMoments(
      MemorySegment x,
      long xo,
      MemorySegment shift,
      long so,
      MemorySegment acc,
      long ao,
      long squares,
      int end) {
    MemorySegment r = x.asSlice(xo, 4L * end);
    MemorySegment m = shift.asSlice(so, 4L * end);
    MemorySegment a1 = acc.asSlice(ao, 4L * end);
    MemorySegment a2 = acc.asSlice(squares, 4L * end);
    for (int i = 0; i < end; i += L) {
      FloatVector d =
          FloatVector.fromMemorySegment(F, r, 4L * i, ORDER)
              .sub(FloatVector.fromMemorySegment(F, m, 4L * i, ORDER));
      FloatVector.fromMemorySegment(F, a1, 4L * i, ORDER)
          .add(d)
          .intoMemorySegment(a1, 4L * i, ORDER);
      d.fma(d, FloatVector.fromMemorySegment(F, a2, 4L * i, ORDER))
          .intoMemorySegment(a2, 4L * i, ORDER);
    }
  }

  private static void addFourMoments(
      MemorySegment x,
      long x0,
      long stride,
      MemorySegment shift,
      long so,
      MemorySegment acc,
      long ao,
      long squares,
      int end) {
    MemorySegment r0 = x.asSlice(x0, 4L * end);
    MemorySegment r1 = x.asSlice(x0 + stride, 4L * end);
    MemorySegment r2 = x.asSlice(x0 + 2 * stride, 4L * end);
    MemorySegment r3 = x.asSlice(x0 + 3 * stride, 4L * end);
    MemorySegment m = shift.asSlice(so, 4L * end);
    MemorySegment a1 = acc.asSlice(ao, 4L * end);
    MemorySegment a2 = acc.asSlice(squares, 4L * end);
    for (int i = 0; i < end; i += L) {
      FloatVector k = FloatVector.fromMemorySegment(F, m, 4L * i, ORDER);
      FloatVector d0 = FloatVector.fromMemorySegment(F, r0, 4L * i, ORDER).sub(k);
      FloatVector d1 = FloatVector.fromMemorySegment(F, r1, 4L * i, ORDER).sub(k);
      FloatVector d2 = FloatVector.fromMemorySegment(F, r2, 4L * i, ORDER).sub(k);
      FloatVector d3 = FloatVector.fromMemorySegment(F, r3, 4L * i, ORDER).sub(k);
      FloatVector sum = d0.add(d1).add(d2.add(d3));
      FloatVector.fromMemorySegment(F, a1, 4L * i, ORDER)
          .add(sum)
          .intoMemorySegment(a1, 4L * i, ORDER);
      FloatVector s = d0.fma(d0, d1.mul(d1)).add(d2.fma(d2, d3.mul(d3)));
      FloatVector.fromMemorySegment(F, a2, 4L * i, ORDER)
          .add(s)
          .intoMemorySegment(a2, 4L * i, ORDER);
    }
  }
}
