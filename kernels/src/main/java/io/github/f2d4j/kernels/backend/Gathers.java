package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.op.MovementOp.Gather;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.kernels.catalog.Movement;
import io.github.f2d4j.kernels.device.Gpu;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;

/** Compiles {@link Gather}. The host looks at the ids first, for which it waits. */
final class Gathers {
  private Gathers() {}

  static Work compile(Gpu gpu, Precision precision, Gather op, List<Operand> inputs) {
    Shape table = inputs.get(0).type().shape();
    Shape ids = inputs.get(1).type().shape();
    boolean wide = inputs.get(1).type().dtype() == DType.I64;
    int count = Math.toIntExact(ids.elements());
    if (count == 0 || table.dim(1) == 0) {
      return Work.of("Gather", (in, out, scratch) -> {});
    }
    int rows = table.dim(0);
    return new Work(
        "Gather",
        0,
        Map.of(),
        /* waits= */ true,
        (in, out, scratch) -> {
          check(gpu, op, in[1], count, wide, rows);
          new Movement.Gather(precision.element(), count, rows, table.dim(1), wide)
              .launches(in[0], in[1], out)
              .forEach(gpu::launch);
        });
  }

  private static void check(Gpu gpu, Gather op, long address, int count, boolean wide, int rows) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ids = arena.allocate((long) count * (wide ? 8 : 4), 8);
      gpu.download(address, ids);
      for (int i = 0; i < count; i++) {
        long id =
            wide
                ? ids.getAtIndex(ValueLayout.JAVA_LONG, i)
                : ids.getAtIndex(ValueLayout.JAVA_INT, i);
        if (id < 0 || id >= rows) {
          throw new IndexOutOfBoundsException(
              op + ": id " + id + " at position " + i + " is outside [0," + rows + ")");
        }
      }
    }
  }
}
