package io.github.f2d4j.engine.cpu.normalize;

import io.github.f2d4j.engine.cpu.math.VectorLoops;
import io.github.f2d4j.engine.cpu.simd.Lanes;
import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link NormLoops} on vectors: the 16 virtual lanes are one, two or four vectors. Conditions on
 * {@link #L} are constants to the compiler.
 */
final class VectorNorms implements NormLoops {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = RowLoops.LANES;

  /** Floats in a vector. */
  private static final int L = Lanes.FLOATS;

  @Override
  public float sum(float[] x, int at, int n) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int end = n & -LANES;
    for (int i = 0; i < end; i += LANES) {
      a = a.add(FloatVector.fromArray(F, x, at + i));
      if (L <= 8) {
        b = b.add(FloatVector.fromArray(F, x, at + i + L));
      }
      if (L == 4) {
        c = c.add(FloatVector.fromArray(F, x, at + i + 2 * L));
        d = d.add(FloatVector.fromArray(F, x, at + i + 3 * L));
      }
    }
    return VectorRows.tree(a, b, c, d) + ScalarNorms.sumOfTail(x, at + end, at + n);
  }

  @Override
  public void moments(float[] x, int at, int n, float shift, float[] sums) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    FloatVector aa = a;
    FloatVector bb = a;
    FloatVector cc = a;
    FloatVector dd = a;
    int end = n & -LANES;
    for (int i = 0; i < end; i += LANES) {
      FloatVector p = FloatVector.fromArray(F, x, at + i).sub(shift);
      a = a.add(p);
      aa = p.fma(p, aa);
      if (L <= 8) {
        FloatVector q = FloatVector.fromArray(F, x, at + i + L).sub(shift);
        b = b.add(q);
        bb = q.fma(q, bb);
      }
      if (L == 4) {
        FloatVector r = FloatVector.fromArray(F, x, at + i + 2 * L).sub(shift);
        c = c.add(r);
        cc = r.fma(r, cc);
        FloatVector s = FloatVector.fromArray(F, x, at + i + 3 * L).sub(shift);
        d = d.add(s);
        dd = s.fma(s, dd);
      }
    }
    float sum = VectorRows.tree(a, b, c, d);
    float squares = VectorRows.tree(aa, bb, cc, dd);
    ScalarNorms.addMomentsOfTail(x, at + end, at + n, shift, sum, squares, sums);
  }

  @Override
  public void normalize(
      float[] x, int at, float[] wb, int n, float mean, float scale, float shift) {
    FloatVector vScale = FloatVector.broadcast(F, scale);
    FloatVector vShift = FloatVector.broadcast(F, shift);
    int end = F.loopBound(n);
    for (int i = 0; i < end; i += L) {
      FloatVector.fromArray(F, x, at + i)
          .sub(mean)
          .fma(vScale, vShift)
          .fma(FloatVector.fromArray(F, wb, i), FloatVector.fromArray(F, wb, n + i))
          .intoArray(x, at + i);
    }
    ScalarNorms.normalizeFrom(end, x, at, wb, n, mean, scale, shift);
  }

  @Override
  public void affineColumns(float[] x, int at, float[] c, int n, boolean silu) {
    int end = F.loopBound(n);
    if (silu) {
      VectorLoops.affineSilu(x, at, c, n, end);
    } else {
      affineColumnsPlain(x, at, c, n, end);
    }
    ScalarNorms.affineColumnsFrom(end, x, at, c, n, silu);
  }

  private static void affineColumnsPlain(float[] x, int at, float[] c, int n, int end) {
    for (int i = 0; i < end; i += L) {
      affine(x, at, c, n, i).intoArray(x, at + i);
    }
  }

  private static FloatVector affine(float[] x, int at, float[] c, int n, int i) {
    return FloatVector.fromArray(F, x, at + i)
        .sub(FloatVector.fromArray(F, c, i))
        .fma(FloatVector.fromArray(F, c, n + i), FloatVector.fromArray(F, c, 2 * n + i));
  }

  @Override
  public void addMoments(float[] x, int rows, int n, float[] shift, float[] acc) {
    int end = F.loopBound(n);
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      addFourMoments(x, r * n, n, shift, acc, end);
    }
    for (; r < rows; r++) {
      addRowMoments(x, r * n, n, shift, acc, end);
    }
    ScalarNorms.addMomentsFrom(end, x, rows, n, shift, acc);
  }

  private static void addRowMoments(float[] x, int at, int n, float[] shift, float[] acc, int end) {
    for (int i = 0; i < end; i += L) {
      FloatVector d = FloatVector.fromArray(F, x, at + i).sub(FloatVector.fromArray(F, shift, i));
      FloatVector.fromArray(F, acc, i).add(d).intoArray(acc, i);
      d.fma(d, FloatVector.fromArray(F, acc, n + i)).intoArray(acc, n + i);
    }
  }

  private static void addFourMoments(
      float[] x, int at, int n, float[] shift, float[] acc, int end) {
    for (int i = 0; i < end; i += L) {
      FloatVector k = FloatVector.fromArray(F, shift, i);
      FloatVector d0 = FloatVector.fromArray(F, x, at + i).sub(k);
      FloatVector d1 = FloatVector.fromArray(F, x, at + n + i).sub(k);
      FloatVector d2 = FloatVector.fromArray(F, x, at + 2 * n + i).sub(k);
      FloatVector d3 = FloatVector.fromArray(F, x, at + 3 * n + i).sub(k);
      FloatVector sum = d0.add(d1).add(d2.add(d3));
      FloatVector.fromArray(F, acc, i).add(sum).intoArray(acc, i);
      FloatVector squares = d0.fma(d0, d1.mul(d1)).add(d2.fma(d2, d3.mul(d3)));
      FloatVector.fromArray(F, acc, n + i).add(squares).intoArray(acc, n + i);
    }
  }
}
