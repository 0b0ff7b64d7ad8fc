package io.github.f2d4j.engine.cpu.elementwise;

import io.github.f2d4j.engine.cpu.kernel.Collapsed;
import io.github.f2d4j.engine.cpu.kernel.SlotLoop;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.ElementwiseOp.Affine;
import io.github.f2d4j.engine.op.ElementwiseOp.Binary;
import io.github.f2d4j.engine.op.ElementwiseOp.Cast;
import io.github.f2d4j.engine.op.ElementwiseOp.Chain;
import io.github.f2d4j.engine.op.ElementwiseOp.ChainStep;
import io.github.f2d4j.engine.op.ElementwiseOp.Clamp;
import io.github.f2d4j.engine.op.ElementwiseOp.Geglu;
import io.github.f2d4j.engine.op.ElementwiseOp.LeakyRelu;
import io.github.f2d4j.engine.op.ElementwiseOp.Prelu;
import io.github.f2d4j.engine.op.ElementwiseOp.Unary;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;

/**
 * Evaluates elementwise operators, one or a chain of them, block by block: a block's intermediate
 * values stay in the first-level cache. Operands are strided views of float32 memory, so one engine
 * serves every kind of broadcasting; a step always sees contiguous runs, since a broadcast operand
 * is spread into a block of scratch memory first where it is not contiguous by itself.
 */
final class ElementwiseProgram {
  /** Floats in a block: 4 KiB, so that operands and intermediates share the first-level cache. */
  private static final int BLOCK = 1024;

  /** Innermost axes at least this long are walked row by row, shorter ones several rows at once. */
  private static final int LONG_ROW = 256;

  /** Elements that are worth a task of their own. */
  private static final int TASK_ELEMENTS = 1 << 15;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ElementwiseLoops LOOPS = ElementwiseLoops.LOOPS;

  /** How an input is read. */
  static final class View {
    private final long[] strides;
    private final long offset;

    /**
     * @param strides elements to step along each axis of the result, 0 to repeat
     * @param offset the first element
     */
    View(long[] strides, long offset) {
      this.strides = strides;
      this.offset = offset;
    }
  }

  private final int[] dims;
  private final long[][] strides;
  private final View[] views;
  private final List<ChainStep> steps;
  private final int[] place;
  private final int places;
  private final int inner;
  private final boolean byRows;
  private final int unit;
  private final long units;
  private final int unitsPerTask;
  private final int tasks;

  /**
   * @param shape the result's extents
   * @param views one per input
   * @param steps as in {@link Chain}; the last one's value is the result
   */
  ElementwiseProgram(int[] shape, List<View> views, List<ChainStep> steps) {
    this.views = views.toArray(View[]::new);
    this.steps = steps;
    place = place(views.size(), steps);
    places = Arrays.stream(place).max().orElse(0) + 1;
    Collapsed c = Collapsed.of(shape, views.stream().map(v -> v.strides).toList());
    dims = c.dims();
    strides = c.strides();
    inner = dims[dims.length - 1];
    byRows = inner >= LONG_ROW;
    long total = 1;
    for (int d : dims) {
      total *= d;
    }
    unit = byRows ? inner : BLOCK / Math.max(inner, 1) * inner;
    units = total == 0 ? 0 : Math.ceilDiv(total, unit);
    unitsPerTask = unit == 0 ? 1 : Math.max(1, TASK_ELEMENTS / unit);
    tasks = Math.toIntExact(Math.ceilDiv(units, unitsPerTask));
  }

  /**
   * The scratch block of every value: inputs keep theirs, a step takes over that of an earlier step
   * that nobody reads any more.
   */
  private static int[] place(int inputs, List<ChainStep> steps) {
    int[] place = new int[inputs + steps.size()];
    int[] lastUse = new int[place.length];
    for (int s = 0; s < steps.size(); s++) {
      for (int operand : steps.get(s).operands()) {
        lastUse[operand] = s;
      }
    }
    int next = 0;
    for (int i = 0; i < inputs; i++) {
      place[i] = next++;
    }
    Deque<Integer> free = new ArrayDeque<>();
    for (int s = 0; s < steps.size(); s++) {
      for (int operand : new TreeSet<>(steps.get(s).operands())) {
        if (operand >= inputs && lastUse[operand] == s) {
          free.push(place[operand]);
        }
      }
      place[inputs + s] = free.isEmpty() ? next++ : free.pop();
    }
    return place;
  }

  /** Scratch memory of a run. */
  long scratchBytes(WorkPool pool) {
    return (long) SlotLoop.slots(pool, tasks) * slotBytes();
  }

  private long slotBytes() {
    return 4L * BLOCK * places;
  }

  /** Computes the result into {@code y} from byte {@code yo} on. */
  void run(WorkPool pool, MemorySegment[] x, MemorySegment y, MemorySegment scratch) {
    SlotLoop.run(pool, tasks, (task, slot) -> new Task(x, y, scratch, slot).run(task));
  }

  /** A range of rows or blocks, with where each value of the current block lies. */
  private final class Task {
    private final MemorySegment[] x;
    private final MemorySegment scratch;
    private final MemorySegment[] segments;
    private final long[] offsets;
    private final long[] blockOffsets;
    private final boolean[] spread;

    Task(MemorySegment[] x, MemorySegment y, MemorySegment scratch, int slot) {
      this.x = x;
      this.scratch = scratch;
      int values = views.length + steps.size();
      segments = new MemorySegment[values];
      offsets = new long[values];
      blockOffsets = new long[values];
      spread = new boolean[views.length];
      for (int i = 0; i < values; i++) {
        blockOffsets[i] = slot * slotBytes() + 4L * BLOCK * place[i];
        segments[i] = scratch;
        offsets[i] = blockOffsets[i];
      }
      segments[values - 1] = y;
    }

    void run(int task) {
      long first = (long) task * unitsPerTask;
      long end = Math.min(units, first + unitsPerTask);
      for (long u = first; u < end; u++) {
        if (byRows) {
          row(u);
        } else {
          rows(u);
        }
      }
    }

    /** One row in blocks. */
    private void row(long row) {
      for (int col = 0; col < inner; col += BLOCK) {
        int n = Math.min(BLOCK, inner - col);
        for (int i = 0; i < views.length; i++) {
          long stride = strides[i][dims.length - 1];
          long element = views[i].offset + rowOffset(i, row) + stride * col;
          if (stride == 1) {
            segments[i] = x[i];
            offsets[i] = 4L * element;
          } else if (stride != 0 || col == 0) {
            spread(i, element, stride, blockOffsets[i], n);
          }
        }
        evaluate(row * inner + col, n);
      }
    }

    /** One block of several short rows. */
    private void rows(long block) {
      long first = block * unit;
      long left = rowCount() * inner - first;
      int n = (int) Math.min(unit, left);
      for (int i = 0; i < views.length; i++) {
        if (dense(i)) {
          segments[i] = x[i];
          offsets[i] = 4L * (views[i].offset + first);
        } else if (!spread[i]) {
          spreadRows(i, first / inner, n / inner);
          // An operand without outer axes looks the same in every block.
          spread[i] = n == unit && repeatsRows(i);
        }
      }
      evaluate(first, n);
    }

    private void spreadRows(int i, long firstRow, int rows) {
      long stride = strides[i][dims.length - 1];
      for (int r = 0; r < rows; r++) {
        long element = views[i].offset + rowOffset(i, firstRow + r);
        spread(i, element, stride, blockOffsets[i] + 4L * r * inner, inner);
      }
    }

    private void spread(int i, long element, long stride, long to, int n) {
      MemorySegment source = x[i];
      for (int k = 0; k < n; k++) {
        scratch.set(FLOAT, to + 4L * k, source.get(FLOAT, 4L * (element + k * stride)));
      }
      segments[i] = scratch;
      offsets[i] = blockOffsets[i];
    }

    private void evaluate(long element, int n) {
      int last = segments.length - 1;
      offsets[last] = 4L * element;
      for (int s = 0; s < steps.size(); s++) {
        ChainStep step = steps.get(s);
        int a = step.operands().getFirst();
        int b = step.operands().getLast();
        int to = views.length + s;
        apply(
            step.op(),
            segments[a],
            offsets[a],
            segments[b],
            offsets[b],
            segments[to],
            offsets[to],
            n);
      }
    }
  }

  private static void apply(
      ElementwiseOp op,
      MemorySegment a,
      long ao,
      MemorySegment b,
      long bo,
      MemorySegment y,
      long yo,
      int n) {
    switch (op) {
      case Unary u -> LOOPS.unary(u.kind(), a, ao, y, yo, n);
      case Binary k -> LOOPS.binary(k.kind(), a, ao, b, bo, y, yo, n);
      case LeakyRelu l -> LOOPS.leakyRelu(a, ao, y, yo, n, l.slope());
      case Clamp c -> LOOPS.clamp(a, ao, y, yo, n, c.min(), c.max());
      case Affine f -> LOOPS.affine(a, ao, y, yo, n, f.scale(), f.shift());
      case Prelu _ -> LOOPS.prelu(a, ao, b, bo, y, yo, n);
      case Geglu _, Cast _, Chain _ ->
          throw new IllegalArgumentException(op + " cannot be a step of a chain");
    }
  }

  private long rowCount() {
    long rows = 1;
    for (int d = 0; d < dims.length - 1; d++) {
      rows *= dims[d];
    }
    return rows;
  }

  private long rowOffset(int input, long row) {
    long offset = 0;
    long rest = row;
    for (int d = dims.length - 2; d >= 0; d--) {
      offset += rest % dims[d] * strides[input][d];
      rest /= dims[d];
    }
    return offset;
  }

  private boolean dense(int input) {
    long expected = 1;
    for (int d = dims.length - 1; d >= 0; d--) {
      if (strides[input][d] != expected) {
        return false;
      }
      expected *= dims[d];
    }
    return true;
  }

  private boolean repeatsRows(int input) {
    return Arrays.stream(strides[input], 0, dims.length - 1).allMatch(s -> s == 0);
  }
}
