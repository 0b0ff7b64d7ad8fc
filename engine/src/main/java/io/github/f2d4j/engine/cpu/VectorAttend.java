package io.github.f2d4j.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link AttendLoops} on vectors. The register tiles keep their sums in local variables: 12 rows by
 * 2 vectors where there are 32 registers (512 bits), 6 by 2 elsewhere, and one vector wide for what
 * is left of the columns.
 */
final class VectorAttend implements AttendLoops {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final ByteOrder ORDER = VectorLanes.ORDER;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Floats in a vector. */
  private static final int L = Lanes.FLOATS;

  /** Bytes in a vector. */
  private static final long V = 4L * L;

  @Override
  public void product(
      MemorySegment a,
      long ao,
      long lda,
      MemorySegment b,
      long bo,
      long ldb,
      int k,
      MemorySegment c,
      long co,
      long ldc,
      int columns) {
    if (L == 16) {
      rows12(a, ao, lda, b, bo, ldb, k, c, co, ldc, columns);
    } else {
      rows6(a, ao, lda, b, bo, ldb, k, c, co, ldc, columns);
      rows6(a, ao + 24, lda, b, bo, ldb, k, c, co + 6 * ldc, ldc, columns);
    }
  }

  private static void rows12(
      MemorySegment a,
      long ao,
      long lda,
      MemorySegment b,
      long bo,
      long ldb,
      int k,
      MemorySegment c,
      long co,
      long ldc,
      int columns) {
    int j = 0;
    for (; j + L < columns; j += 2 * L) {
      tile12x2(a, ao, lda, b, bo + 4L * j, ldb, k, c, co + 4L * j, ldc);
    }
    if (j < columns) {
      tile12x1(a, ao, lda, b, bo + 4L * j, ldb, k, c, co + 4L * j, ldc);
    }
  }

  private static void rows6(
      MemorySegment a,
      long ao,
      long lda,
      MemorySegment b,
      long bo,
      long ldb,
      int k,
      MemorySegment c,
      long co,
      long ldc,
      int columns) {
    int j = 0;
    for (; j + L < columns; j += 2 * L) {
      tile6x2(a, ao, lda, b, bo + 4L * j, ldb, k, c, co + 4L * j, ldc);
    }
    if (j < columns) {
      tile6x1(a, ao, lda, b, bo + 4L * j, ldb, k, c, co + 4L * j, ldc);
    }
  }

  private static void tile12x2(
      MemorySegment a,
      long ao,
      long lda,
      MemorySegment b,
      long bo,
      long ldb,
      int k,
      MemorySegment c,
      long co,
      long ldc) {
    FloatVector c0a = FloatVector.zero(F);
    FloatVector c0b = FloatVector.zero(F);
    FloatVector c1a = FloatVector.zero(F);
    FloatVector c1b = FloatVector.zero(F);
    FloatVector c2a = FloatVector.zero(F);
    FloatVector c2b = FloatVector.zero(F);
    FloatVector c3a = FloatVector.zero(F);
    FloatVector c3b = FloatVector.zero(F);
    FloatVector c4a = FloatVector.zero(F);
    FloatVector c4b = FloatVector.zero(F);
    FloatVector c5a = FloatVector.zero(F);
    FloatVector c5b = FloatVector.zero(F);
    FloatVector c6a = FloatVector.zero(F);
    FloatVector c6b = FloatVector.zero(F);
    FloatVector c7a = FloatVector.zero(F);
    FloatVector c7b = FloatVector.zero(F);
    FloatVector c8a = FloatVector.zero(F);
    FloatVector c8b = FloatVector.zero(F);
    FloatVector c9a = FloatVector.zero(F);
    FloatVector c9b = FloatVector.zero(F);
    FloatVector c10a = FloatVector.zero(F);
    FloatVector c10b = FloatVector.zero(F);
    FloatVector c11a = FloatVector.zero(F);
    FloatVector c11b = FloatVector.zero(F);
    FloatVector x;
    for (int i = 0; i < k; i++) {
      long at = ao + i * lda;
      long bt = bo + i * ldb;
      FloatVector b0 = FloatVector.fromMemorySegment(F, b, bt, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, b, bt + V, ORDER);
      x = FloatVector.broadcast(F, a.get(FLOAT, at));
      c0a = x.fma(b0, c0a);
      c0b = x.fma(b1, c0b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 4));
      c1a = x.fma(b0, c1a);
      c1b = x.fma(b1, c1b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 8));
      c2a = x.fma(b0, c2a);
      c2b = x.fma(b1, c2b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 12));
      c3a = x.fma(b0, c3a);
      c3b = x.fma(b1, c3b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 16));
      c4a = x.fma(b0, c4a);
      c4b = x.fma(b1, c4b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 20));
      c5a = x.fma(b0, c5a);
      c5b = x.fma(b1, c5b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 24));
      c6a = x.fma(b0, c6a);
      c6b = x.fma(b1, c6b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 28));
      c7a = x.fma(b0, c7a);
      c7b = x.fma(b1, c7b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 32));
      c8a = x.fma(b0, c8a);
      c8b = x.fma(b1, c8b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 36));
      c9a = x.fma(b0, c9a);
      c9b = x.fma(b1, c9b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 40));
      c10a = x.fma(b0, c10a);
      c10b = x.fma(b1, c10b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 44));
      c11a = x.fma(b0, c11a);
      c11b = x.fma(b1, c11b);
    }
    c0a.intoMemorySegment(c, co, ORDER);
    c0b.intoMemorySegment(c, co + V, ORDER);
    c1a.intoMemorySegment(c, co + ldc, ORDER);
    c1b.intoMemorySegment(c, co + ldc + V, ORDER);
    c2a.intoMemorySegment(c, co + 2 * ldc, ORDER);
    c2b.intoMemorySegment(c, co + 2 * ldc + V, ORDER);
    c3a.intoMemorySegment(c, co + 3 * ldc, ORDER);
    c3b.intoMemorySegment(c, co + 3 * ldc + V, ORDER);
    c4a.intoMemorySegment(c, co + 4 * ldc, ORDER);
    c4b.intoMemorySegment(c, co + 4 * ldc + V, ORDER);
    c5a.intoMemorySegment(c, co + 5 * ldc, ORDER);
    c5b.intoMemorySegment(c, co + 5 * ldc + V, ORDER);
    c6a.intoMemorySegment(c, co + 6 * ldc, ORDER);
    c6b.intoMemorySegment(c, co + 6 * ldc + V, ORDER);
    c7a.intoMemorySegment(c, co + 7 * ldc, ORDER);
    c7b.intoMemorySegment(c, co + 7 * ldc + V, ORDER);
    c8a.intoMemorySegment(c, co + 8 * ldc, ORDER);
    c8b.intoMemorySegment(c, co + 8 * ldc + V, ORDER);
    c9a.intoMemorySegment(c, co + 9 * ldc, ORDER);
    c9b.intoMemorySegment(c, co + 9 * ldc + V, ORDER);
    c10a.intoMemorySegment(c, co + 10 * ldc, ORDER);
    c10b.intoMemorySegment(c, co + 10 * ldc + V, ORDER);
    c11a.intoMemorySegment(c, co + 11 * ldc, ORDER);
    c11b.intoMemorySegment(c, co + 11 * ldc + V, ORDER);
  }

  private static void tile12x1(
      MemorySegment a,
      long ao,
      long lda,
      MemorySegment b,
      long bo,
      long ldb,
      int k,
      MemorySegment c,
      long co,
      long ldc) {
    FloatVector c0a = FloatVector.zero(F);
    FloatVector c1a = FloatVector.zero(F);
    FloatVector c2a = FloatVector.zero(F);
    FloatVector c3a = FloatVector.zero(F);
    FloatVector c4a = FloatVector.zero(F);
    FloatVector c5a = FloatVector.zero(F);
    FloatVector c6a = FloatVector.zero(F);
    FloatVector c7a = FloatVector.zero(F);
    FloatVector c8a = FloatVector.zero(F);
    FloatVector c9a = FloatVector.zero(F);
    FloatVector c10a = FloatVector.zero(F);
    FloatVector c11a = FloatVector.zero(F);
    FloatVector x;
    for (int i = 0; i < k; i++) {
      long at = ao + i * lda;
      long bt = bo + i * ldb;
      FloatVector b0 = FloatVector.fromMemorySegment(F, b, bt, ORDER);
      x = FloatVector.broadcast(F, a.get(FLOAT, at));
      c0a = x.fma(b0, c0a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 4));
      c1a = x.fma(b0, c1a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 8));
      c2a = x.fma(b0, c2a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 12));
      c3a = x.fma(b0, c3a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 16));
      c4a = x.fma(b0, c4a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 20));
      c5a = x.fma(b0, c5a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 24));
      c6a = x.fma(b0, c6a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 28));
      c7a = x.fma(b0, c7a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 32));
      c8a = x.fma(b0, c8a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 36));
      c9a = x.fma(b0, c9a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 40));
      c10a = x.fma(b0, c10a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 44));
      c11a = x.fma(b0, c11a);
    }
    c0a.intoMemorySegment(c, co, ORDER);
    c1a.intoMemorySegment(c, co + ldc, ORDER);
    c2a.intoMemorySegment(c, co + 2 * ldc, ORDER);
    c3a.intoMemorySegment(c, co + 3 * ldc, ORDER);
    c4a.intoMemorySegment(c, co + 4 * ldc, ORDER);
    c5a.intoMemorySegment(c, co + 5 * ldc, ORDER);
    c6a.intoMemorySegment(c, co + 6 * ldc, ORDER);
    c7a.intoMemorySegment(c, co + 7 * ldc, ORDER);
    c8a.intoMemorySegment(c, co + 8 * ldc, ORDER);
    c9a.intoMemorySegment(c, co + 9 * ldc, ORDER);
    c10a.intoMemorySegment(c, co + 10 * ldc, ORDER);
    c11a.intoMemorySegment(c, co + 11 * ldc, ORDER);
  }

  private static void tile6x2(
      MemorySegment a,
      long ao,
      long lda,
      MemorySegment b,
      long bo,
      long ldb,
      int k,
      MemorySegment c,
      long co,
      long ldc) {
    FloatVector c0a = FloatVector.zero(F);
    FloatVector c0b = FloatVector.zero(F);
    FloatVector c1a = FloatVector.zero(F);
    FloatVector c1b = FloatVector.zero(F);
    FloatVector c2a = FloatVector.zero(F);
    FloatVector c2b = FloatVector.zero(F);
    FloatVector c3a = FloatVector.zero(F);
    FloatVector c3b = FloatVector.zero(F);
    FloatVector c4a = FloatVector.zero(F);
    FloatVector c4b = FloatVector.zero(F);
    FloatVector c5a = FloatVector.zero(F);
    FloatVector c5b = FloatVector.zero(F);
    FloatVector x;
    for (int i = 0; i < k; i++) {
      long at = ao + i * lda;
      long bt = bo + i * ldb;
      FloatVector b0 = FloatVector.fromMemorySegment(F, b, bt, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, b, bt + V, ORDER);
      x = FloatVector.broadcast(F, a.get(FLOAT, at));
      c0a = x.fma(b0, c0a);
      c0b = x.fma(b1, c0b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 4));
      c1a = x.fma(b0, c1a);
      c1b = x.fma(b1, c1b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 8));
      c2a = x.fma(b0, c2a);
      c2b = x.fma(b1, c2b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 12));
      c3a = x.fma(b0, c3a);
      c3b = x.fma(b1, c3b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 16));
      c4a = x.fma(b0, c4a);
      c4b = x.fma(b1, c4b);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 20));
      c5a = x.fma(b0, c5a);
      c5b = x.fma(b1, c5b);
    }
    c0a.intoMemorySegment(c, co, ORDER);
    c0b.intoMemorySegment(c, co + V, ORDER);
    c1a.intoMemorySegment(c, co + ldc, ORDER);
    c1b.intoMemorySegment(c, co + ldc + V, ORDER);
    c2a.intoMemorySegment(c, co + 2 * ldc, ORDER);
    c2b.intoMemorySegment(c, co + 2 * ldc + V, ORDER);
    c3a.intoMemorySegment(c, co + 3 * ldc, ORDER);
    c3b.intoMemorySegment(c, co + 3 * ldc + V, ORDER);
    c4a.intoMemorySegment(c, co + 4 * ldc, ORDER);
    c4b.intoMemorySegment(c, co + 4 * ldc + V, ORDER);
    c5a.intoMemorySegment(c, co + 5 * ldc, ORDER);
    c5b.intoMemorySegment(c, co + 5 * ldc + V, ORDER);
  }

  private static void tile6x1(
      MemorySegment a,
      long ao,
      long lda,
      MemorySegment b,
      long bo,
      long ldb,
      int k,
      MemorySegment c,
      long co,
      long ldc) {
    FloatVector c0a = FloatVector.zero(F);
    FloatVector c1a = FloatVector.zero(F);
    FloatVector c2a = FloatVector.zero(F);
    FloatVector c3a = FloatVector.zero(F);
    FloatVector c4a = FloatVector.zero(F);
    FloatVector c5a = FloatVector.zero(F);
    FloatVector x;
    for (int i = 0; i < k; i++) {
      long at = ao + i * lda;
      long bt = bo + i * ldb;
      FloatVector b0 = FloatVector.fromMemorySegment(F, b, bt, ORDER);
      x = FloatVector.broadcast(F, a.get(FLOAT, at));
      c0a = x.fma(b0, c0a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 4));
      c1a = x.fma(b0, c1a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 8));
      c2a = x.fma(b0, c2a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 12));
      c3a = x.fma(b0, c3a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 16));
      c4a = x.fma(b0, c4a);
      x = FloatVector.broadcast(F, a.get(FLOAT, at + 20));
      c5a = x.fma(b0, c5a);
    }
    c0a.intoMemorySegment(c, co, ORDER);
    c1a.intoMemorySegment(c, co + ldc, ORDER);
    c2a.intoMemorySegment(c, co + 2 * ldc, ORDER);
    c3a.intoMemorySegment(c, co + 3 * ldc, ORDER);
    c4a.intoMemorySegment(c, co + 4 * ldc, ORDER);
    c5a.intoMemorySegment(c, co + 5 * ldc, ORDER);
  }

  @Override
  public void accumulate(MemorySegment s, long xo, long yo, int n, float factor) {
    FloatVector f = FloatVector.broadcast(F, factor);
    int end = Math.ceilDiv(n, L) * L;
    for (int j = 0; j < end; j += L) {
      FloatVector x = FloatVector.fromMemorySegment(F, s, xo + 4L * j, ORDER);
      FloatVector.fromMemorySegment(F, s, yo + 4L * j, ORDER)
          .fma(f, x)
          .intoMemorySegment(s, yo + 4L * j, ORDER);
    }
  }

  @Override
  public void softmax(
      MemorySegment s, long so, long lds, int keys, int queries, long state, long ldState) {
    for (int j = 0; j < queries; j += L) {
      FloatVector old = FloatVector.fromMemorySegment(F, s, state + 4L * j, ORDER);
      FloatVector max = max(s, so + 4L * j, lds, keys, old);
      FloatVector sum = exponentials(s, so + 4L * j, lds, keys, max);
      FloatVector factor = VectorMath.exp2NonPositive(old.sub(max));
      long at = state + 4L * j;
      max.intoMemorySegment(s, at, ORDER);
      FloatVector.fromMemorySegment(F, s, at + ldState, ORDER)
          .fma(factor, sum)
          .intoMemorySegment(s, at + ldState, ORDER);
      factor.intoMemorySegment(s, at + 2 * ldState, ORDER);
    }
  }

  private static FloatVector max(MemorySegment s, long so, long lds, int keys, FloatVector old) {
    FloatVector max = old;
    for (int i = 0; i < keys; i++) {
      FloatVector v = FloatVector.fromMemorySegment(F, s, so + i * lds, ORDER);
      max = max.blend(v, v.compare(VectorOperators.GT, max));
    }
    return max;
  }

  private static FloatVector exponentials(
      MemorySegment s, long so, long lds, int keys, FloatVector max) {
    FloatVector sum = FloatVector.zero(F);
    for (int i = 0; i < keys; i++) {
      FloatVector v = FloatVector.fromMemorySegment(F, s, so + i * lds, ORDER);
      FloatVector p = VectorMath.exp2NonPositive(v.sub(max));
      p.intoMemorySegment(s, so + i * lds, ORDER);
      sum = sum.add(p);
    }
    return sum;
  }
}
