package io.github.f2d4j.weights.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

class GoldensTest {
  private @Nullable String given;

  @TempDir Path folder;

  @BeforeEach
  void useFolder() {
    given = System.getProperty("goldens");
    System.setProperty("goldens", folder.toString());
  }

  @AfterEach
  void restore() {
    if (given == null) {
      System.clearProperty("goldens");
    } else {
      System.setProperty("goldens", given);
    }
  }

  private void file(String name, String... tensors) throws IOException {
    SafetensorsWriter.write(
        folder.resolve(name + ".safetensors"),
        List.of(tensors).stream().map(t -> TensorEntry.of(t, Shape.of(1), 7)).toList(),
        Map.of("config", "{\"name\":\"" + name + "\"}"));
  }

  @Test
  void listsFixturesByPrefixWithoutShards() throws IOException {
    file("unet", "w", "in.x", "out.y", "mid.z");
    file("unet_g32", "in.x");
    file("unet_g32-00001-of-00002", "a");
    file("unet_g32-00002-of-00002", "b");
    file("vae", "w");
    Files.createDirectory(folder.resolve("unet_bad"));
    assertEquals(
        List.of("unet", "unet_g32"), Goldens.fixtures("unet").stream().map(Fixture::name).toList());
    assertEquals(List.of(folder.resolve("unet_bad")), Goldens.directories("unet"));
    assertTrue(Goldens.has("vae"));
    assertFalse(Goldens.has("va"));
    assertThrows(TestAbortedException.class, () -> Goldens.fixtures("clip"));
    Fixture unet = Goldens.fixture("unet");
    assertEquals("unet", unet.config().path("name").asText());
    assertEquals(List.of("in.x"), unet.names("in."));
    assertEquals(Set.of("w"), unet.weights().names());
  }

  @Test
  void findsWeightsInShardsWithAndWithoutIndex() throws IOException {
    file("unet_g32", "in.x", "c");
    file("unet_g32-00001-of-00002", "a");
    file("unet_g32-00002-of-00002", "b");
    file("unet_g32x-00001-of-00001", "z");
    checkWeights();
    Files.writeString(
        folder.resolve("unet_g32.safetensors.index.json"),
        "{\"weight_map\":{\"a\":\"unet_g32-00001-of-00002.safetensors\","
            + "\"b\":\"unet_g32-00002-of-00002.safetensors\"}}");
    checkWeights();
  }

  private static void checkWeights() {
    try (TensorSource weights = Goldens.fixture("unet_g32").weights()) {
      assertEquals(Set.of("a", "b", "c"), weights.names());
      assertArrayEquals(new float[] {7}, weights.get("b").toFloats());
    }
  }

  @Test
  void refusesAWeightInTwoFiles() throws IOException {
    file("unet_g32", "a");
    file("unet_g32-00001-of-00001", "a");
    Fixture fixture = Goldens.fixture("unet_g32");
    assertThrows(AssertionError.class, fixture::weights);
  }

  @Test
  void readsEveryElementType() throws IOException {
    byte[] one = {1, 0, 0, 0, 0, 0, 0, (byte) 0x80};
    SafetensorsWriter.write(
        folder.resolve("types.safetensors"),
        List.of(DType.F64, DType.I64, DType.I32, DType.U8).stream()
            .map(
                d ->
                    new TensorEntry(
                        d.name(),
                        new TensorType(d, Shape.of(8 / d.bytes())),
                        MemorySegment.ofArray(one)))
            .toList(),
        Map.of());
    Fixture types = Goldens.fixture("types");
    assertArrayEquals(new long[] {Long.MIN_VALUE + 1}, types.longs("I64"));
    assertArrayEquals(new long[] {1, Integer.MIN_VALUE}, types.longs("I32"));
    assertArrayEquals(new int[] {1, Integer.MIN_VALUE}, types.ints("I32"));
    assertArrayEquals(new long[] {1, 0, 0, 0, 0, 0, 0, 128}, types.longs("U8"));
    assertArrayEquals(one, types.bytes("U8"));
    assertArrayEquals(
        new double[] {Double.longBitsToDouble(Long.MIN_VALUE + 1)}, types.doubles("F64"));
    assertThrows(ArithmeticException.class, () -> types.ints("I64"));
  }

  @Test
  void failsWhenTheFolderIsMissing() {
    System.setProperty("goldens", folder.resolve("none").toString());
    assertThrows(AssertionError.class, () -> Goldens.fixtures("unet"));
    System.clearProperty("goldens");
    assertThrows(AssertionError.class, () -> Goldens.fixtures("no such kind"));
    assertFalse(Goldens.directories("safetensors_bad").isEmpty());
  }
}
