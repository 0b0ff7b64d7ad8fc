package io.github.f2d4j.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.io.WeightFormatException;
import io.github.f2d4j.weights.safetensors.SafetensorsException;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter;
import io.github.f2d4j.weights.safetensors.ShardedSource;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import io.github.f2d4j.weights.testing.TorchWriter;
import io.github.f2d4j.weights.torch.TorchFile;
import io.github.f2d4j.weights.torch.TorchFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightFilesTest {
  private static final String ONE = "model-00001-of-00002.safetensors";
  private static final String TWO = "model-00002-of-00002.safetensors";

  @TempDir Path folder;

  private Path weights(String file, String tensor, float value) throws IOException {
    Path path = folder.resolve(file);
    SafetensorsWriter.write(
        path, List.of(TensorEntry.of(tensor, Shape.of(1), value)), Map.of("of", tensor));
    return path;
  }

  /** This module's own copy, whatever {@code -Dgoldens} names. */
  private static byte[] singleTensor() throws IOException {
    String name = "/goldens/torch_pt/single_tensor.pt";
    try (InputStream in = WeightFilesTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  private Path index(String json) throws IOException {
    return Files.writeString(folder.resolve("model.safetensors.index.json"), json);
  }

  private Path shards() throws IOException {
    weights(ONE, "a", 1);
    weights(TWO, "b", 2);
    return index(
        "{\"metadata\":{\"total_size\":8,\"parts\":[]},\"weight_map\":{\"b\":\""
            + TWO
            + "\",\"a\":\""
            + ONE
            + "\"}}");
  }

  @Test
  void opensShardsByIndexAndByFolder() throws IOException {
    Path index = shards();
    for (Path path : List.of(index, folder)) {
      try (TensorSource source = WeightFiles.open(path)) {
        assertInstanceOf(ShardedSource.class, source);
        assertEquals(Set.of("a", "b"), source.names());
        assertArrayEquals(new float[] {1}, source.get("a").toFloats());
        assertArrayEquals(new float[] {2}, source.get("b").toFloats());
        assertEquals(Map.of("total_size", "8", "of", "a"), source.metadata());
        assertTrue(source.describe().contains("2 tensors in 2 shards"), source.describe());
      }
    }
  }

  private Path torchShards(String index) throws IOException {
    torch("pytorch_model-00001-of-00002.bin", "a", 1);
    torch("pytorch_model-00002-of-00002.bin", "b", 2);
    return Files.writeString(
        folder.resolve(index),
        "{\"metadata\":{\"total_size\":8},\"weight_map\":{"
            + "\"a\":\"pytorch_model-00001-of-00002.bin\","
            + "\"b\":\"pytorch_model-00002-of-00002.bin\"}}");
  }

  private void torch(String file, String tensor, float value) throws IOException {
    TorchWriter.write(
        folder.resolve(file), Map.of(tensor, TensorEntry.of(tensor, Shape.of(1), value)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pytorch_model.bin.index.json",
        "diffusion_pytorch_model.bin.index.json",
        "other.bin.index.json"
      })
  void opensPyTorchShardsByIndexAndByFolder(String name) throws IOException {
    Path index = torchShards(name);
    for (Path path : List.of(index, folder)) {
      try (TensorSource source = WeightFiles.open(path)) {
        assertInstanceOf(ShardedSource.class, source);
        assertEquals(Set.of("a", "b"), source.names());
        assertArrayEquals(new float[] {1}, source.get("a").toFloats());
        assertArrayEquals(new float[] {2}, source.get("b").toFloats());
        assertEquals("8", source.metadata().get("total_size"));
      }
    }
    Path one = folder.resolve("pytorch_model-00001-of-00002.bin");
    Path two = folder.resolve("pytorch_model-00002-of-00002.bin");
    assertEquals(List.of(index, one, two), WeightFiles.files(folder));
    torch(two.getFileName().toString(), "c", 2);
    assertMessage(index, "no tensor 'b' in 'pytorch_model-00002-of-00002.bin'");
    Files.writeString(two, "<html>404 not found</html>");
    assertThrows(TorchFormatException.class, () -> WeightFiles.open(index));
    Files.delete(two);
    assertMessage(index, "no file 'pytorch_model-00002-of-00002.bin'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../pytorch_model.bin", "/etc/passwd", "model.safetensors", ".bin", "a"})
  void refusesPyTorchShardNamesThatLeadElsewhere(String name) throws IOException {
    Path index = folder.resolve("pytorch_model.bin.index.json");
    Files.writeString(index, "{\"weight_map\":{\"a\":\"" + name + "\"}}");
    assertMessage(index, "plain file name");
    assertMessage(folder, "'model-00001-of-00002.bin'");
  }

  @Test
  void prefersSafetensorsShardsToPyTorchShards() throws IOException {
    torchShards("pytorch_model.bin.index.json");
    shards();
    try (TensorSource source = WeightFiles.open(folder)) {
      assertEquals("a", source.metadata().get("of"));
    }
  }

  @Test
  void namesTheFilesThatItReads() throws IOException {
    Path index = shards();
    List<Path> all = List.of(index, folder.resolve(ONE), folder.resolve(TWO));
    assertEquals(all, WeightFiles.files(index));
    assertEquals(all, WeightFiles.files(folder));
    assertEquals(List.of(folder.resolve(ONE)), WeightFiles.files(folder.resolve(ONE)));
    Files.delete(folder.resolve(TWO));
    assertThrows(SafetensorsException.class, () -> WeightFiles.files(index));
  }

  @Test
  void refusesMissingShardAndMissingTensor() throws IOException {
    Path index = shards();
    Files.delete(folder.resolve(TWO));
    assertMessage(index, "no file '" + TWO + "'");
    weights(TWO, "c", 3);
    assertMessage(index, "no tensor 'b' in '" + TWO + "'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../model.safetensors",
        "/etc/model.safetensors",
        "..\\\\model.safetensors",
        "C:model.safetensors",
        "sub/model.safetensors",
        "passwd",
        ".safetensors",
        "",
        "a\\u0000.safetensors"
      })
  void refusesShardNamesThatLeadElsewhere(String name) throws IOException {
    assertMessage(index("{\"weight_map\":{\"a\":\"" + name + "\"}}"), "plain file name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"weight_map\":[]}",
        "{\"weight_map\":{\"a\":1}}",
        "{\"weight_map\":{\"a\":\"m.safetensors\",\"a\":\"m.safetensors\"}}",
        "{\"weight_map\":{},\"weight_map\":{}}",
        "{\"weight_map\":{}} x",
        "{\"weight_map\":{}",
      })
  void refusesMalformedIndex(String json) throws IOException {
    Path index = index(json);
    assertThrows(SafetensorsException.class, () -> WeightFiles.open(index));
  }

  @Test
  void refusesBombOfBrackets() throws IOException {
    Path index = index("{\"x\":" + "[".repeat(100_000));
    assertThrows(SafetensorsException.class, () -> WeightFiles.open(index));
  }

  @Test
  void picksTheUsualNameInAFolder() throws IOException {
    weights("other.safetensors", "other", 1);
    try (TensorSource source = WeightFiles.open(folder)) {
      assertEquals(Set.of("other"), source.names());
    }
    weights("extra.safetensors", "extra", 1);
    assertMessage(folder, "[extra.safetensors, other.safetensors]");
    weights("diffusion_pytorch_model.safetensors", "usual", 1);
    try (TensorSource source = WeightFiles.open(folder)) {
      assertEquals(Set.of("usual"), source.names());
    }
  }

  @Test
  void saysWhatAFolderLacks() throws IOException {
    assertIoMessage(folder, "holds no .safetensors file");
    assertIoMessage(folder.resolve("none.safetensors"), "no such weight file");
    assertIoMessage(folder.resolve("none.safetensors.index.json"), "no such index file");
  }

  @Test
  void opensPyTorchFilesByContent() throws IOException {
    byte[] checkpoint = singleTensor();
    for (String name : List.of("a.pt", "b.ckpt", "c.bin", "d.pth", "without-ending")) {
      try (TensorSource source = WeightFiles.open(Files.write(folder.resolve(name), checkpoint))) {
        assertInstanceOf(TorchFile.class, source);
        assertEquals(Set.of("tensor"), source.names());
      }
    }
    Path safe = weights("e.safetensors", "a", 1);
    try (TensorSource source =
        WeightFiles.open(Files.copy(safe, folder.resolve("safetensors.bin")))) {
      assertEquals(Set.of("a"), source.names());
    }
  }

  @Test
  void neverReadsAPickleThatIsCalledSafetensors() throws IOException {
    byte[] checkpoint = singleTensor();
    Path path = Files.write(folder.resolve("model.safetensors"), checkpoint);
    assertThrows(SafetensorsException.class, () -> WeightFiles.open(path));
  }

  @Test
  void opensAPyTorchFileInAFolder() throws IOException {
    byte[] checkpoint = singleTensor();
    Files.write(folder.resolve("training.ckpt"), checkpoint);
    try (TensorSource source = WeightFiles.open(folder)) {
      assertEquals(Set.of("tensor"), source.names());
    }
    Files.write(folder.resolve("other.pt"), new byte[4]);
    assertMessage(folder, "[other.pt, training.ckpt]");
    Files.write(folder.resolve("pytorch_model.bin"), checkpoint);
    try (TensorSource source = WeightFiles.open(folder)) {
      assertEquals(Set.of("tensor"), source.names());
    }
    weights("model.safetensors", "usual", 1);
    try (TensorSource source = WeightFiles.open(folder)) {
      assertEquals(Set.of("usual"), source.names());
    }
  }

  @Test
  void saysWhatIsNeitherFormat() throws IOException {
    Path text = Files.writeString(folder.resolve("page.ckpt"), "<html>404 not found</html>");
    assertThrows(TorchFormatException.class, () -> WeightFiles.open(text));
    assertMessage(text, "zip archive or a pickle");
    assertMessage(Files.write(folder.resolve("empty.bin"), new byte[0]), "an empty file");
  }

  private static void assertMessage(Path path, String part) {
    WeightFormatException e =
        assertThrows(WeightFormatException.class, () -> WeightFiles.open(path));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private static void assertIoMessage(Path path, String part) {
    IOException e = assertThrows(IOException.class, () -> WeightFiles.open(path));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
