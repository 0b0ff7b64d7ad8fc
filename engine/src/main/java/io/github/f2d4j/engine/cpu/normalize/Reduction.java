package io.github.f2d4j.engine.cpu.normalize;

import io.github.f2d4j.engine.cpu.elementwise.ElementwiseLoops;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.ElementwiseOp.BinaryKind;
import io.github.f2d4j.engine.op.ReduceOp.ReduceKind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reduces the middle axis of [outer, length, inner]. The axis is cut into chunks whose size depends
 * on the extents alone; each is reduced in float32, and the chunks' sums are added in double
 * precision, in order.
 */
final class Reduction {
  private static final int CHUNK_ELEMENTS = 1 << 14;

  /** Columns that are reduced together: their accumulators fit the first-level cache. */
  private static final int STRIP = 2048;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final RowLoops ROWS = RowLoops.LOOPS;

  private final ReduceKind kind;
  private final long outer;
  private final int length;
  private final long inner;
  private final double divisor;
  private final int width;
  private final int strips;
  private final int chunkLength;
  private final int chunks;

  /** {@code divisor} divides the sums; 1 for none. */
  Reduction(ReduceKind kind, long outer, int length, long inner, double divisor) {
    this.kind = kind;
    this.outer = outer;
    this.length = length;
    this.inner = inner;
    this.divisor = divisor;
    width = (int) Math.min(inner, STRIP);
    strips = Math.toIntExact(Math.ceilDiv(inner, width));
    chunkLength = Math.max(4, CHUNK_ELEMENTS / width);
    chunks = Math.ceilDiv(length, chunkLength);
  }

  /** The number of results. */
  long results() {
    return outer * inner;
  }

  /** Scratch memory: one value per result and chunk. */
  long scratchBytes() {
    return 4 * results() * chunks;
  }

  /** Reduces x from byte {@code xo} on to y from {@code yo} on. */
  void run(
      WorkPool pool,
      MemorySegment x,
      long xo,
      MemorySegment y,
      long yo,
      MemorySegment scratch,
      long so) {
    long parts = outer * chunks * strips;
    long perPart = (long) Math.min(length, chunkLength) * width;
    int grain = (int) Math.max(1, CHUNK_ELEMENTS / Math.max(1, perPart));
    pool.parallel(
        Math.toIntExact(Math.ceilDiv(parts, grain)),
        task -> {
          long end = Math.min(parts, ((long) task + 1) * grain);
          for (long p = (long) task * grain; p < end; p++) {
            part(p, x, xo, scratch, so);
          }
        });
    long perCombine = Math.max(1, CHUNK_ELEMENTS / chunks);
    pool.parallel(
        Math.toIntExact(Math.ceilDiv(results(), perCombine)),
        task -> {
          long end = Math.min(results(), (task + 1) * perCombine);
          for (long i = task * perCombine; i < end; i++) {
            y.set(FLOAT, yo + 4 * i, combine(i, scratch, so));
          }
        });
  }

  /** Reduces one chunk of one strip of columns into scratch [outer, chunks, inner]. */
  private void part(long part, MemorySegment x, long xo, MemorySegment scratch, long so) {
    long strip = part % strips;
    long chunk = part / strips % chunks;
    long o = part / strips / chunks;
    int first = (int) chunk * chunkLength;
    int count = Math.min(chunkLength, length - first);
    long from = xo + 4 * ((o * length + first) * inner + strip * width);
    long to = so + 4 * ((o * chunks + chunk) * inner + strip * width);
    if (inner == 1) {
      float value =
          switch (kind) {
            case SUM, MEAN -> ROWS.sum(x, from, count, 0f);
            case MAX -> ROWS.max(x, from, count);
            case MIN -> ROWS.min(x, from, count);
          };
      scratch.set(FLOAT, to, value);
      return;
    }
    int columns = (int) Math.min(width, inner - strip * width);
    if (kind == ReduceKind.SUM || kind == ReduceKind.MEAN) {
      scratch.asSlice(to, 4L * columns).fill((byte) 0);
      ROWS.addRows(x, from, 4 * inner, count, scratch, to, columns);
    } else {
      BinaryKind binary = kind == ReduceKind.MAX ? BinaryKind.MAX : BinaryKind.MIN;
      MemorySegment.copy(x, from, scratch, to, 4L * columns);
      for (int r = 1; r < count; r++) {
        ElementwiseLoops.LOOPS.binary(
            binary, scratch, to, x, from + 4L * r * inner, scratch, to, columns);
      }
    }
  }

  private float combine(long result, MemorySegment scratch, long so) {
    long at = so + 4 * (result / inner * chunks * inner + result % inner);
    float value = scratch.get(FLOAT, at);
    if (kind == ReduceKind.SUM || kind == ReduceKind.MEAN) {
      double sum = value;
      for (int c = 1; c < chunks; c++) {
        sum += scratch.get(FLOAT, at + 4L * c * inner);
      }
      return (float) (sum / divisor);
    }
    for (int c = 1; c < chunks; c++) {
      float other = scratch.get(FLOAT, at + 4L * c * inner);
      value = kind == ReduceKind.MAX ? Math.max(value, other) : Math.min(value, other);
    }
    return value;
  }
}
