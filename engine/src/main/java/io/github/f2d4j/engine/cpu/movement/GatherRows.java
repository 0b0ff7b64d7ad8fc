package io.github.f2d4j.engine.cpu.movement;

import io.github.f2d4j.engine.cpu.kernel.Casts;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Looks up rows of a table [V,C] and widens them to float32. */
final class GatherRows {
  private static final int TASK_ELEMENTS = 1 << 15;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final DType table;
  private final long rows;
  private final int columns;
  private final DType ids;
  private final long count;

  GatherRows(DType table, long rows, int columns, DType ids, long count) {
    this.table = table;
    this.rows = rows;
    this.columns = columns;
    this.ids = ids;
    this.count = count;
  }

  /**
   * y[i] = x[id[i]].
   *
   * @throws IndexOutOfBoundsException if an id is negative or no row of the table
   */
  void run(WorkPool pool, MemorySegment x, MemorySegment id, MemorySegment y) {
    long perTask = Math.max(1, TASK_ELEMENTS / Math.max(1, columns));
    pool.parallel(
        Math.toIntExact(Math.ceilDiv(count, perTask)),
        task -> {
          long end = Math.min(count, (task + 1) * perTask);
          for (long i = task * perTask; i < end; i++) {
            long row = id(id, i);
            long from = row * columns * table.bytes();
            Casts.cast(table, x, from, DType.F32, y, 4 * i * columns, columns);
          }
        });
  }

  private long id(MemorySegment id, long i) {
    long row = ids == DType.I64 ? id.get(LONG, 8 * i) : id.get(INT, 4 * i);
    if (row < 0 || row >= rows) {
      throw new IndexOutOfBoundsException(
          "id %d at position %d is outside the table of %d rows; expected 0 to %d"
              .formatted(row, i, rows, rows - 1));
    }
    return row;
  }
}
