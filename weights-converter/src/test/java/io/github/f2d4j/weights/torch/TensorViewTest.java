package io.github.f2d4j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Views of a storage against the definition, element by element. */
class TensorViewTest {
  private static final Faults FAULTS = new Faults(Path.of("view"));
  private static final StorageType[] TYPES = {
    StorageType.BYTE, StorageType.HALF, StorageType.FLOAT, StorageType.DOUBLE
  };

  private static TensorView view(StorageRef storage, long offset, List<Long> size, List<Long> step)
      throws TorchFormatException {
    return TensorView.of(
        FAULTS, storage, storage.type().dtype(), offset, List.copyOf(size), List.copyOf(step));
  }

  @Property(tries = 1000)
  void readsWhatTheStridesSay(
      @ForAll @Size(max = 5) List<@IntRange(max = 4) Integer> size,
      @ForAll @Size(value = 5) List<@IntRange(max = 9) Integer> strides,
      @ForAll @IntRange(max = 5) int offset,
      @ForAll @IntRange(max = 3) int type)
      throws TorchFormatException {
    List<Long> dims = size.stream().map(Integer::longValue).toList();
    List<Long> steps = strides.stream().limit(size.size()).map(Integer::longValue).toList();
    long last = offset;
    boolean empty = false;
    for (int i = 0; i < dims.size(); i++) {
      empty |= dims.get(i) == 0;
      last += (dims.get(i) - 1) * steps.get(i);
    }
    long elements = empty ? offset : last + 1;
    StorageRef storage = new StorageRef("0", TYPES[type], elements, 0, elements);
    byte[] bytes = new byte[(int) storage.bytes()];
    new Random(offset).nextBytes(bytes);
    MemorySegment segment = MemorySegment.ofArray(bytes);

    MemorySegment read = view(storage, offset, dims, steps).read(segment);

    int width = TYPES[type].dtype().bytes();
    List<Byte> expected = new ArrayList<>();
    collect(bytes, width, offset, dims, steps, 0, expected);
    assertEquals(expected.size(), read.byteSize());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i), read.get(ValueLayout.JAVA_BYTE, i), "byte " + i);
    }
    if (!empty) {
      // One element less, and the last one lies outside.
      StorageRef smaller = new StorageRef("0", TYPES[type], elements, 0, elements - 1);
      assertThrows(TorchFormatException.class, () -> view(smaller, offset, dims, steps));
    }
  }

  private static void collect(
      byte[] bytes,
      int width,
      long at,
      List<Long> dims,
      List<Long> steps,
      int axis,
      List<Byte> out) {
    if (axis == dims.size()) {
      for (int b = 0; b < width; b++) {
        out.add(bytes[(int) at * width + b]);
      }
      return;
    }
    for (long i = 0; i < dims.get(axis); i++) {
      collect(bytes, width, at + i * steps.get(axis), dims, steps, axis + 1, out);
    }
  }

  @Test
  void sharesDenseElementsAndCopiesOthers() throws TorchFormatException {
    StorageRef storage = new StorageRef("0", StorageType.FLOAT, 24, 0, 24);
    MemorySegment bytes = MemorySegment.ofArray(new byte[96]);
    TensorView dense = view(storage, 12, List.of(3L, 1L, 4L), List.of(4L, 77L, 1L));
    assertTrue(dense.isContiguous());
    dense.read(bytes).set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
    assertEquals(7, bytes.get(ValueLayout.JAVA_BYTE, 48));
    TensorView transposed = view(storage, 0, List.of(4L, 6L), List.of(1L, 4L));
    assertTrue(!transposed.isContiguous());
    transposed.read(bytes).set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
    assertEquals(0, bytes.get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void seesThePartOfAnOldStorageView() throws TorchFormatException {
    StorageRef part = new StorageRef("0", StorageType.BYTE, 10, 4, 3);
    MemorySegment bytes = MemorySegment.ofArray(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    MemorySegment read = view(part, 1, List.of(2L), List.of(1L)).read(bytes);
    assertEquals(-1, read.mismatch(MemorySegment.ofArray(new byte[] {5, 6})));
    assertThrows(TorchFormatException.class, () -> view(part, 1, List.of(3L), List.of(1L)));
  }

  @Test
  void expandsOnlyWithinTheLimit() throws TorchFormatException {
    StorageRef one = new StorageRef("0", StorageType.BYTE, 1, 0, 1);
    long most = TensorView.MAX_EXPANDED_BYTES;
    assertEquals(most, view(one, 0, List.of(most), List.of(0L)).type().bytes());
    assertThrows(TorchFormatException.class, () -> view(one, 0, List.of(most + 1), List.of(0L)));
  }

  @Test
  void readsBytesAsTheTypeTheTensorNames() throws TorchFormatException {
    StorageRef untyped = new StorageRef("0", StorageType.UNTYPED, 8, 0, 8);
    TensorView floats = TensorView.of(FAULTS, untyped, DType.F32, 1L, List.of(1L), List.of(1L));
    MemorySegment bytes = MemorySegment.ofArray(ZipBytes.floats(1, 2));
    assertEquals(-1, floats.read(bytes).mismatch(MemorySegment.ofArray(ZipBytes.floats(2))));
    assertThrows(
        TorchFormatException.class,
        () -> TensorView.of(FAULTS, untyped, DType.F32, 2L, List.of(1L), List.of(1L)));
  }
}
