package io.github.f2d4j.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.nn.WeightsException;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  @TempDir Path folder;

  private void write(String file, String... keys) throws IOException {
    List<TensorEntry> entries =
        Arrays.stream(keys).map(k -> TensorEntry.of(k, Shape.of(2), k.length(), 0.5f)).toList();
    SafetensorsWriter.write(folder.resolve(file), entries, Map.of("format", "pt"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.safetensors",
        "diffusion_pytorch_model.safetensors",
        "model.fp16.safetensors",
        "diffusion_pytorch_model.fp16.safetensors"
      })
  void opensTheUsualNamesInAFolder(String file) throws IOException {
    write(file, "a.weight");
    Checkpoint checkpoint = Checkpoint.open(folder);
    Tensor a = checkpoint.weights().at("a").get("weight", 2);
    assertArrayEquals(new float[] {8, 0.5f}, a.toFloats());
    assertEquals(8, checkpoint.bytes());
    assertEquals(Map.of("format", "pt"), checkpoint.metadata());
  }

  @Test
  void opensShardsByTheirIndex() throws IOException {
    write("m-00001-of-00002.safetensors", "a");
    write("m-00002-of-00002.safetensors", "bb");
    Path index = folder.resolve("m.safetensors.index.json");
    Files.writeString(
        index,
        """
        {"metadata": {}, "weight_map":
          {"a": "m-00001-of-00002.safetensors", "bb": "m-00002-of-00002.safetensors"}}
        """);
    for (Path path : List.of(index, folder)) {
      Weights w = Checkpoint.open(path).weights();
      assertArrayEquals(new float[] {1, 0.5f}, w.get("a", 2).toFloats());
      assertArrayEquals(new float[] {2, 0.5f}, w.get("bb", 2).toFloats());
      w.verify();
    }
  }

  @Test
  void keepsHalfPrecisionAsItRests() throws IOException {
    short[] bits = {Float.floatToFloat16(1.5f), Float.floatToFloat16(-2f)};
    byte[] bytes = new byte[4];
    MemorySegment.copy(MemorySegment.ofArray(bits), 0, MemorySegment.ofArray(bytes), 0, 4);
    TensorEntry half =
        new TensorEntry("h", new TensorType(DType.F16, Shape.of(2)), MemorySegment.ofArray(bytes));
    SafetensorsWriter.write(folder.resolve("model.safetensors"), List.of(half), Map.of());
    Tensor h = Checkpoint.open(folder).weights().get("h", 2);
    assertEquals(DType.F16, h.dtype());
    assertArrayEquals(new float[] {1.5f, -2f}, h.toFloats());
  }

  @Test
  void aMisfitNamesTheFile() throws IOException {
    write("model.safetensors", "a", "b");
    Weights w = Checkpoint.open(folder).weights();
    w.get("a", 3);
    w.get("c", 1);
    WeightsException e = assertThrows(WeightsException.class, w::verify);
    assertTrue(e.getMessage().contains("model.safetensors"), e.getMessage());
    assertEquals(3, e.problems().size(), e.getMessage());
  }

  @Test
  void readsTheConfigBesideTheWeights() throws IOException {
    write("model.safetensors", "a");
    Files.writeString(folder.resolve("config.json"), "{\"hidden_size\": 48}");
    assertEquals(48, Checkpoint.open(folder).config().integer("hidden_size"));
    Path file = folder.resolve("model.safetensors");
    assertEquals(48, Checkpoint.open(file).config().integer("hidden_size"));
  }

  @Test
  void anEmptyFolderIsReported() {
    IOException e = assertThrows(IOException.class, () -> Checkpoint.open(folder));
    assertTrue(e.getMessage().contains(folder.toString()), e.getMessage());
  }
}
