package io.github.f2d4j.weights.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.fuzz.Attempt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * Indexes of sharded checkpoints. Input: the index, which lies beside the shards {@code
 * a.safetensors} (tensors x, y) and {@code b.safetensors} (tensor z).
 *
 * <p>An index is refused by {@link SafetensorsException} alone, or every tensor it names can be
 * read, no shard lies outside its folder, and the index comes out equal when written and read
 * again.
 */
class ShardIndexFuzzTest {
  private static final String SUFFIX = ".safetensors";
  private static final int BYTES_PER_BYTE = 2000;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path folder;

  @BeforeAll
  static void shards() throws IOException {
    TensorEntry x = TensorEntry.of("x", Shape.of(2), 1, 2);
    TensorEntry y = TensorEntry.of("y", Shape.of(1), 3);
    TensorEntry z = TensorEntry.of("z", Shape.of(), 4);
    SafetensorsWriter.write(folder.resolve("a.safetensors"), List.of(x, y), Map.of("format", "pt"));
    SafetensorsWriter.write(folder.resolve("b.safetensors"), List.of(z), Map.of());
  }

  @FuzzTest
  void index(byte[] input) throws Exception {
    Path file = folder.resolve("model.safetensors.index.json");
    Files.write(file, input);
    long bound = (4L << 20) + (long) BYTES_PER_BYTE * input.length;
    Optional<ShardIndex> index =
        Attempt.of(SafetensorsException.class, bound, () -> ShardIndex.read(file, SUFFIX));
    Optional<ShardedSource> source =
        Attempt.of(
            SafetensorsException.class,
            bound,
            () -> ShardedSource.open(file, SUFFIX, SafetensorsFile::open));
    if (index.isPresent()) {
      for (String shard : index.get().weightMap().values()) {
        assertEquals(folder, folder.resolve(shard).normalize().getParent());
      }
      roundTrip(index.get());
    }
    if (source.isPresent()) {
      assertEquals(index.orElseThrow().weightMap().keySet(), source.get().names());
      for (String name : source.get().names()) {
        assertEquals(name, source.get().get(name).name());
      }
    }
  }

  private static void roundTrip(ShardIndex index) throws IOException {
    Path copy = folder.resolve("copy.safetensors.index.json");
    JSON.writeValue(
        copy.toFile(), Map.of("weight_map", index.weightMap(), "metadata", index.metadata()));
    assertEquals(index, ShardIndex.read(copy, SUFFIX));
  }
}
