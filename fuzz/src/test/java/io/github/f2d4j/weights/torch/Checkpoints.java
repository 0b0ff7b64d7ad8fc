package io.github.f2d4j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.fuzz.Attempt;
import io.github.f2d4j.weights.safetensors.SafetensorsFile;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What holds of every checkpoint: it is refused by {@link TorchFormatException} alone, or it names
 * nothing that is not on the list, and each of its tensors has the bytes that its type asks for,
 * the same each time, and comes out equal when written as safetensors and read again.
 */
final class Checkpoints {
  /**
   * The reader's own account of a pickle's objects ends at 128 MiB; that they are held for a while
   * in lists that grow costs as much again.
   */
  private static final long BOUND = 384L << 20;

  /** Larger ones are views that show elements repeatedly; reading them shows nothing new. */
  private static final long LARGEST_READ = 1 << 16;

  private static final Path NAME = Path.of("the input");

  private Checkpoints() {}

  static void check(byte[] file, Path folder) throws Exception {
    MemorySegment bytes = MemorySegment.ofArray(file);
    Optional<TorchFile> read =
        Attempt.of(TorchFormatException.class, BOUND, () -> TorchFile.read(NAME, bytes));
    if (read.isEmpty()) {
      return;
    }
    TorchFile checkpoint = read.get();
    requireAllowed(checkpoint);
    TorchFile second = TorchFile.read(NAME, bytes);
    assertEquals(checkpoint.names(), second.names());
    assertEquals(checkpoint.globals(), second.globals());
    assertEquals(checkpoint.metadata(), second.metadata());
    List<TensorEntry> small = new ArrayList<>();
    for (String name : checkpoint.names()) {
      Optional<TensorEntry> entry = entry(checkpoint, name);
      if (entry.isPresent() && small.size() < 50) {
        TensorEntry again = second.get(name);
        assertEquals(entry.get().type(), again.type());
        assertEquals(-1, entry.get().data().mismatch(again.data()), name);
        small.add(entry.get());
      }
    }
    roundTrip(small, folder);
  }

  private static void requireAllowed(TorchFile checkpoint) throws TorchFormatException {
    Faults faults = new Faults(NAME);
    for (String global : checkpoint.globals()) {
      int dot = global.lastIndexOf('.');
      assertEquals(
          global,
          Global.of(faults, global.substring(0, dot), global.substring(dot + 1)).toString());
    }
  }

  /** The tensor, unless it is large, or compressed and damaged. */
  private static Optional<TensorEntry> entry(TorchFile checkpoint, String name) throws Exception {
    Optional<TensorEntry> entry =
        Attempt.of(
            TorchFormatException.class,
            BOUND,
            () -> {
              try {
                return checkpoint.get(name);
              } catch (java.io.UncheckedIOException e) {
                throw e.getCause();
              }
            });
    if (entry.isPresent()) {
      assertEquals(entry.get().type().bytes(), entry.get().data().byteSize());
    }
    return entry.filter(e -> e.data().byteSize() <= LARGEST_READ);
  }

  private static void roundTrip(List<TensorEntry> entries, Path folder) throws IOException {
    Path copy = folder.resolve("copy.safetensors");
    try {
      SafetensorsWriter.write(copy, entries, Map.of());
    } catch (IllegalArgumentException e) {
      // names that safetensors does not have
      assertTrue(entries.stream().anyMatch(t -> !isPlain(t.name())), e::toString);
      return;
    }
    SafetensorsFile read = SafetensorsFile.open(copy);
    assertEquals(entries.size(), read.names().size());
    for (TensorEntry entry : entries) {
      assertEquals(entry.type(), read.get(entry.name()).type());
      assertEquals(-1, entry.data().mismatch(read.get(entry.name()).data()), entry.name());
    }
  }

  private static boolean isPlain(String name) {
    return !name.equals("__metadata__") && name.codePoints().noneMatch(c -> c >> 11 == 0x1b);
  }
}
