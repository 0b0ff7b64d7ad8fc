package io.github.f2d4j.engine.cpu.attend;

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

  @Override
  public void product(
      MemorySegment s, long a, long b, long panel, int k, long c, long ldc, int columns) {
    int j = 0;
    for (; j + L < columns; j += 2 * L) {
      long at = columnAt(b, panel, j);
      long next = columnAt(b, panel, j + L);
      long to = c + 4L * j;
      long toNext = c + 4L * (j + L);
      if (L == COLUMNS) {
        tile12x2(s, a, at, next, k, to, toNext, ldc);
      } else {
        tile6x2(s, a, at, next, k, to, toNext, ldc);
        tile6x2(s, a + 24, at, next, k, to + 6 * ldc, toNext + 6 * ldc, ldc);
      }
    }
    if (j < columns) {
      long at = columnAt(b, panel, j);
      long to = c + 4L * j;
      if (L == COLUMNS) {
        tile12x1(s, a, at, k, to, ldc);
      } else {
        tile6x1(s, a, at, k, to, ldc);
        tile6x1(s, a + 24, at, k, to + 6 * ldc, ldc);
      }
    }
  }

  private static long columnAt(long b, long panel, int j) {
    return b + j / COLUMNS * panel + 4L * (j % COLUMNS);
  }

  private static void tile12x2(
      MemorySegment s, long a, long b, long next, int k, long c, long cNext, long ldc) {
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
      long at = a + i * TILE_ROW;
      FloatVector b0 = FloatVector.fromMemorySegment(F, s, b + i * COLUMNS_ROW, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, s, next + i * COLUMNS_ROW, ORDER);
      x = FloatVector.broadcast(F, s.get(FLOAT, at));
      c0a = x.fma(b0, c0a);
      c0b = x.fma(b1, c0b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 4));
      c1a = x.fma(b0, c1a);
      c1b = x.fma(b1, c1b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 8));
      c2a = x.fma(b0, c2a);
      c2b = x.fma(b1, c2b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 12));
      c3a = x.fma(b0, c3a);
      c3b = x.fma(b1, c3b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 16));
      c4a = x.fma(b0, c4a);
      c4b = x.fma(b1, c4b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 20));
      c5a = x.fma(b0, c5a);
      c5b = x.fma(b1, c5b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 24));
      c6a = x.fma(b0, c6a);
      c6b = x.fma(b1, c6b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 28));
      c7a = x.fma(b0, c7a);
      c7b = x.fma(b1, c7b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 32));
      c8a = x.fma(b0, c8a);
      c8b = x.fma(b1, c8b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 36));
      c9a = x.fma(b0, c9a);
      c9b = x.fma(b1, c9b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 40));
      c10a = x.fma(b0, c10a);
      c10b = x.fma(b1, c10b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 44));
      c11a = x.fma(b0, c11a);
      c11b = x.fma(b1, c11b);
    }
    c0a.intoMemorySegment(s, c, ORDER);
    c0b.intoMemorySegment(s, cNext, ORDER);
    c1a.intoMemorySegment(s, c + ldc, ORDER);
    c1b.intoMemorySegment(s, cNext + ldc, ORDER);
    c2a.intoMemorySegment(s, c + 2 * ldc, ORDER);
    c2b.intoMemorySegment(s, cNext + 2 * ldc, ORDER);
    c3a.intoMemorySegment(s, c + 3 * ldc, ORDER);
    c3b.intoMemorySegment(s, cNext + 3 * ldc, ORDER);
    c4a.intoMemorySegment(s, c + 4 * ldc, ORDER);
    c4b.intoMemorySegment(s, cNext + 4 * ldc, ORDER);
    c5a.intoMemorySegment(s, c + 5 * ldc, ORDER);
    c5b.intoMemorySegment(s, cNext + 5 * ldc, ORDER);
    c6a.intoMemorySegment(s, c + 6 * ldc, ORDER);
    c6b.intoMemorySegment(s, cNext + 6 * ldc, ORDER);
    c7a.intoMemorySegment(s, c + 7 * ldc, ORDER);
    c7b.intoMemorySegment(s, cNext + 7 * ldc, ORDER);
    c8a.intoMemorySegment(s, c + 8 * ldc, ORDER);
    c8b.intoMemorySegment(s, cNext + 8 * ldc, ORDER);
    c9a.intoMemorySegment(s, c + 9 * ldc, ORDER);
    c9b.intoMemorySegment(s, cNext + 9 * ldc, ORDER);
    c10a.intoMemorySegment(s, c + 10 * ldc, ORDER);
    c10b.intoMemorySegment(s, cNext + 10 * ldc, ORDER);
    c11a.intoMemorySegment(s, c + 11 * ldc, ORDER);
    c11b.intoMemorySegment(s, cNext + 11 * ldc, ORDER);
  }

  private static void tile12x1(MemorySegment s, long a, long b, int k, long c, long ldc) {
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
      long at = a + i * TILE_ROW;
      FloatVector b0 = FloatVector.fromMemorySegment(F, s, b + i * COLUMNS_ROW, ORDER);
      x = FloatVector.broadcast(F, s.get(FLOAT, at));
      c0a = x.fma(b0, c0a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 4));
      c1a = x.fma(b0, c1a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 8));
      c2a = x.fma(b0, c2a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 12));
      c3a = x.fma(b0, c3a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 16));
      c4a = x.fma(b0, c4a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 20));
      c5a = x.fma(b0, c5a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 24));
      c6a = x.fma(b0, c6a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 28));
      c7a = x.fma(b0, c7a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 32));
      c8a = x.fma(b0, c8a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 36));
      c9a = x.fma(b0, c9a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 40));
      c10a = x.fma(b0, c10a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 44));
      c11a = x.fma(b0, c11a);
    }
    c0a.intoMemorySegment(s, c, ORDER);
    c1a.intoMemorySegment(s, c + ldc, ORDER);
    c2a.intoMemorySegment(s, c + 2 * ldc, ORDER);
    c3a.intoMemorySegment(s, c + 3 * ldc, ORDER);
    c4a.intoMemorySegment(s, c + 4 * ldc, ORDER);
    c5a.intoMemorySegment(s, c + 5 * ldc, ORDER);
    c6a.intoMemorySegment(s, c + 6 * ldc, ORDER);
    c7a.intoMemorySegment(s, c + 7 * ldc, ORDER);
    c8a.intoMemorySegment(s, c + 8 * ldc, ORDER);
    c9a.intoMemorySegment(s, c + 9 * ldc, ORDER);
    c10a.intoMemorySegment(s, c + 10 * ldc, ORDER);
    c11a.intoMemorySegment(s, c + 11 * ldc, ORDER);
  }

  private static void tile6x2(
      MemorySegment s, long a, long b, long next, int k, long c, long cNext, long ldc) {
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
      long at = a + i * TILE_ROW;
      FloatVector b0 = FloatVector.fromMemorySegment(F, s, b + i * COLUMNS_ROW, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, s, next + i * COLUMNS_ROW, ORDER);
      x = FloatVector.broadcast(F, s.get(FLOAT, at));
      c0a = x.fma(b0, c0a);
      c0b = x.fma(b1, c0b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 4));
      c1a = x.fma(b0, c1a);
      c1b = x.fma(b1, c1b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 8));
      c2a = x.fma(b0, c2a);
      c2b = x.fma(b1, c2b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 12));
      c3a = x.fma(b0, c3a);
      c3b = x.fma(b1, c3b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 16));
      c4a = x.fma(b0, c4a);
      c4b = x.fma(b1, c4b);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 20));
      c5a = x.fma(b0, c5a);
      c5b = x.fma(b1, c5b);
    }
    c0a.intoMemorySegment(s, c, ORDER);
    c0b.intoMemorySegment(s, cNext, ORDER);
    c1a.intoMemorySegment(s, c + ldc, ORDER);
    c1b.intoMemorySegment(s, cNext + ldc, ORDER);
    c2a.intoMemorySegment(s, c + 2 * ldc, ORDER);
    c2b.intoMemorySegment(s, cNext + 2 * ldc, ORDER);
    c3a.intoMemorySegment(s, c + 3 * ldc, ORDER);
    c3b.intoMemorySegment(s, cNext + 3 * ldc, ORDER);
    c4a.intoMemorySegment(s, c + 4 * ldc, ORDER);
    c4b.intoMemorySegment(s, cNext + 4 * ldc, ORDER);
    c5a.intoMemorySegment(s, c + 5 * ldc, ORDER);
    c5b.intoMemorySegment(s, cNext + 5 * ldc, ORDER);
  }

  private static void tile6x1(MemorySegment s, long a, long b, int k, long c, long ldc) {
    FloatVector c0a = FloatVector.zero(F);
    FloatVector c1a = FloatVector.zero(F);
    FloatVector c2a = FloatVector.zero(F);
    FloatVector c3a = FloatVector.zero(F);
    FloatVector c4a = FloatVector.zero(F);
    FloatVector c5a = FloatVector.zero(F);
    FloatVector x;
    for (int i = 0; i < k; i++) {
      long at = a + i * TILE_ROW;
      FloatVector b0 = FloatVector.fromMemorySegment(F, s, b + i * COLUMNS_ROW, ORDER);
      x = FloatVector.broadcast(F, s.get(FLOAT, at));
      c0a = x.fma(b0, c0a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 4));
      c1a = x.fma(b0, c1a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 8));
      c2a = x.fma(b0, c2a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 12));
      c3a = x.fma(b0, c3a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 16));
      c4a = x.fma(b0, c4a);
      x = FloatVector.broadcast(F, s.get(FLOAT, at + 20));
      c5a = x.fma(b0, c5a);
    }
    c0a.intoMemorySegment(s, c, ORDER);
    c1a.intoMemorySegment(s, c + ldc, ORDER);
    c2a.intoMemorySegment(s, c + 2 * ldc, ORDER);
    c3a.intoMemorySegment(s, c + 3 * ldc, ORDER);
    c4a.intoMemorySegment(s, c + 4 * ldc, ORDER);
    c5a.intoMemorySegment(s, c + 5 * ldc, ORDER);
  }

  @Override
  public void accumulate(MemorySegment s, long x, long y, long ld, int rows, int n, long factors) {
    int end = Math.ceilDiv(n, L) * L;
    for (int r = 0; r < rows; r++) {
      FloatVector factor = FloatVector.broadcast(F, s.get(FLOAT, factors + 4L * r));
      long from = x + r * ld;
      long to = y + r * ld;
      for (int j = 0; j < end; j += L) {
        FloatVector part = FloatVector.fromMemorySegment(F, s, from + 4L * j, ORDER);
        FloatVector.fromMemorySegment(F, s, to + 4L * j, ORDER)
            .fma(factor, part)
            .intoMemorySegment(s, to + 4L * j, ORDER);
      }
    }
  }

  @Override
  public void softmax(MemorySegment s, long scores, int keys, int queries, long state) {
    for (int j = 0; j < queries; j += L) {
      softmax(s, scores + 4L * j, keys, state + 4L * j);
    }
  }

  /** One vector of queries. */
  private static void softmax(MemorySegment s, long scores, int keys, long state) {
    FloatVector old = FloatVector.fromMemorySegment(F, s, state, ORDER);
    FloatVector max = old;
    for (int i = 0; i < keys; i++) {
      FloatVector v = FloatVector.fromMemorySegment(F, s, scores + i * TILE_ROW, ORDER);
      max = max.blend(v, v.compare(VectorOperators.GT, max));
    }
    FloatVector sum = FloatVector.zero(F);
    for (int i = 0; i < keys; i++) {
      FloatVector v = FloatVector.fromMemorySegment(F, s, scores + i * TILE_ROW, ORDER);
      FloatVector p = VectorMath.exp2NonPositive(v.sub(max));
      p.intoMemorySegment(s, scores + i * TILE_ROW, ORDER);
      sum = sum.add(p);
    }
    FloatVector factor = VectorMath.exp2NonPositive(old.sub(max));
    max.intoMemorySegment(s, state, ORDER);
    FloatVector.fromMemorySegment(F, s, state + TILE_ROW, ORDER)
        .fma(factor, sum)
        .intoMemorySegment(s, state + TILE_ROW, ORDER);
    factor.intoMemorySegment(s, state + 2 * TILE_ROW, ORDER);
  }
}
