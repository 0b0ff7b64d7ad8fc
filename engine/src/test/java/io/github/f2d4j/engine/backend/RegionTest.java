package io.github.f2d4j.engine.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegionTest {
  /** A 4 × 4 weight of ones, as float16. */
  private static Tensor weight(Region region) {
    HostBuffer memory = region.allocate(2 * 16);
    for (int i = 0; i < 16; i++) {
      memory.segment().setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(1));
    }
    return Tensor.parameter(new TensorType(DType.F16, Shape.of(4, 4)), memory);
  }

  private static Tensor row() {
    return Tensor.of(new float[] {1, 2, 3, 4}, 1, 4);
  }

  @Test
  void closingFreesAtOnceWhatIsAllocatedMappedPackedAndFolded(@TempDir Path folder)
      throws Exception {
    Region region = new Region();
    Tensor w = weight(region);
    Path file = Files.write(folder.resolve("weights"), new byte[64]);
    MemorySegment mapped;
    try (FileChannel channel = FileChannel.open(file)) {
      mapped =
          region.loading(
              () ->
                  channel.map(
                      FileChannel.MapMode.READ_ONLY, 0, channel.size(), Region.mappingArena()));
    }
    long before = region.allocatedBytes();
    // The product packs the weight; the square of the weight is a constant and computed once.
    assertArrayEquals(new float[] {10, 10, 10, 10}, row().matmul(w).toFloats());
    Tensor square = w.cast(DType.F32).mul(w.cast(DType.F32));
    float[] sum = row().add(square).toFloats();
    assertEquals(2, sum[0]);
    assertTrue(region.allocatedBytes() > before, "packed and folded memory lies in the region");
    MemorySegment folded = square.buffer().toHost();
    assertTrue(mapped.scope().isAlive() && folded.scope().isAlive() && region.isOpen());

    region.close();
    assertFalse(region.isOpen());
    assertFalse(mapped.scope().isAlive());
    assertFalse(folded.scope().isAlive());
    assertFalse(w.buffer().toHost().scope().isAlive());
    assertThrows(IllegalStateException.class, () -> row().matmul(w).toFloats());
    assertThrows(IllegalStateException.class, w::toFloats);
    assertThrows(IllegalStateException.class, () -> region.allocate(1));
    region.close();
  }

  @Test
  void resultsOutliveTheRegion() {
    Region region = new Region();
    Tensor product = row().matmul(weight(region)).eval();
    region.close();
    assertArrayEquals(new float[] {10, 10, 10, 10}, product.toFloats());
  }

  @Test
  void outsideOfARegionMemoryIsTheCollectors() {
    MemorySegment segment = Region.mappingArena().allocate(8);
    assertTrue(segment.scope().isAlive());
    HostBuffer buffer = Region.mapped(segment);
    assertSame(segment, buffer.segment());
    assertTrue(buffer.allocateBeside(8).segment().scope().isAlive());
  }

  private static MemorySegment segmentOfAHeldRegion() {
    HostBuffer buffer = new Region().allocate(1 << 20);
    try {
      MemorySegment segment = buffer.slice(8, 8).segment();
      System.gc();
      assertTrue(segment.scope().isAlive());
      return segment;
    } finally {
      Reference.reachabilityFence(buffer);
    }
  }

  /** The segment alone does not keep the region; the buffer does. */
  @Test
  void anUnreachableRegionIsFreed() {
    MemorySegment segment = segmentOfAHeldRegion();
    Assertions.assertTimeoutPreemptively(
        Duration.ofMinutes(1),
        () -> {
          while (segment.scope().isAlive()) {
            System.gc();
            Thread.sleep(10);
          }
        });
  }

  @Test
  void aPackingThatWouldOutliveItsSourceIsRefused() {
    record Elsewhere() implements Packing {
      @Override
      public long packedBytes(long sourceBytes) {
        return sourceBytes;
      }

      @Override
      public Buffer pack(HostBuffer source) {
        return HostBuffer.allocate(source.bytes());
      }
    }

    record Beside() implements Packing {
      @Override
      public long packedBytes(long sourceBytes) {
        return sourceBytes;
      }

      @Override
      public Buffer pack(HostBuffer source) {
        return source.allocateBeside(source.bytes());
      }
    }

    HostBuffer source = new Region().allocate(16);
    String message =
        assertThrows(IllegalStateException.class, () -> source.packed(new Elsewhere()))
            .getMessage();
    assertTrue(message.contains("allocateBeside") && message.contains("Elsewhere"), message);
    assertSame(source.packed(new Beside()), source.packed(new Beside()));
    HostBuffer free = HostBuffer.allocate(16);
    assertEquals(16, free.packed(new Elsewhere()).bytes());
    assertEquals(16, free.packed(new Beside()).bytes());
  }

  @Test
  void whatLiesElsewhereIsFreedToo() {
    Region region = new Region();
    StringBuilder freed = new StringBuilder();
    region.freeWith(() -> freed.append("a"));
    region.freeWith(
        () -> {
          throw new IllegalStateException("a device is gone");
        });
    region.freeWith(() -> freed.append("b"));
    assertEquals("", freed.toString());
    assertThrows(IllegalStateException.class, region::close);
    assertEquals("ab", freed.toString(), "one that fails keeps none from being freed");
    assertFalse(region.isOpen());
    region.close();
    region.freeWith(() -> freed.append("c"));
    assertEquals("abc", freed.toString());
  }
}
