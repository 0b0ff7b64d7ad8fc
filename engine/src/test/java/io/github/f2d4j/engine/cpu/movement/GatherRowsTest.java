package io.github.f2d4j.engine.cpu.movement;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatherRowsTest {
  @ParameterizedTest
  @ValueSource(longs = {-1, 5, Long.MAX_VALUE})
  void anIdOutsideTheTableIsNamed(long bad) {
    MemorySegment table = HostBuffer.allocate(5 * 3 * 4).segment();
    MemorySegment ids = HostBuffer.allocate(4 * 8).segment();
    MemorySegment result = HostBuffer.allocate(4 * 3 * 4).segment();
    ids.setAtIndex(ValueLayout.JAVA_LONG, 2, bad);
    GatherRows gather = new GatherRows(DType.F32, 5, 3, DType.I64, 4);
    try (WorkPool pool = new WorkPool(2)) {
      IndexOutOfBoundsException e =
          assertThrows(IndexOutOfBoundsException.class, () -> gather.run(pool, table, ids, result));
      assertTrue(
          e.getMessage().contains("id " + bad + " at position 2")
              && e.getMessage().contains("5 rows"),
          e.getMessage());
    }
  }
}
