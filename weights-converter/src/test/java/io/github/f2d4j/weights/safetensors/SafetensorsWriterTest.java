package io.github.f2d4j.weights.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  /** Values 0..5 as in upstream's tests. */
  private static TensorEntry sequence(String name, int... dims) {
    return TensorEntry.of(name, Shape.of(dims), 0, 1, 2, 3, 4, 5);
  }

  private static byte[] file(String paddedHeader, byte[] data) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] header = paddedHeader.getBytes(StandardCharsets.UTF_8);
    out.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
    out.writeBytes(header);
    out.writeBytes(data);
    return out.toByteArray();
  }

  // The three expected files are those of upstream's own tests: huggingface/safetensors
  // safetensors/src/tensor.rs, test_serialization, test_serialization_forced_alignement,
  // test_empty.

  @Test
  void equalsUpstreamBytes(@TempDir Path folder) throws IOException {
    byte[] data = floats(0, 1, 2, 3, 4, 5);
    assertFile(
        folder,
        List.of(sequence("attn.0", 1, 2, 3)),
        Map.of(),
        file("{\"attn.0\":{\"dtype\":\"F32\",\"shape\":[1,2,3],\"data_offsets\":[0,24]}}", data));
    assertFile(
        folder,
        List.of(sequence("attn0", 1, 1, 2, 3)),
        Map.of(),
        file(
            "{\"attn0\":{\"dtype\":\"F32\",\"shape\":[1,1,2,3],\"data_offsets\":[0,24]}}"
                + "       ",
            data));
    assertFile(folder, List.of(), Map.of(), file("{}      ", new byte[0]));
    assertFile(
        folder,
        List.of(),
        Map.of("framework", "pt"),
        file("{\"__metadata__\":{\"framework\":\"pt\"}}     ", new byte[0]));
  }

  private static void assertFile(
      Path folder, List<TensorEntry> tensors, Map<String, String> metadata, byte[] expected)
      throws IOException {
    Path path = folder.resolve("model.safetensors");
    SafetensorsWriter.write(path, tensors, metadata);
    assertArrayEquals(expected, Files.readAllBytes(path));
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float v : values) {
      bytes.putFloat(v);
    }
    return bytes.array();
  }

  @Test
  void sortsByDtypeThenByNameInUtf8Order(@TempDir Path folder) throws IOException {
    List<TensorEntry> tensors = new ArrayList<>();
    // U+FFFF sorts before U+1F600 in UTF-8, but after its surrogates in UTF-16
    for (String name : List.of("\ud83d\ude00", "b", "\uffff", "a")) {
      for (DType dtype : DType.values()) {
        tensors.add(random(dtype + name, dtype, new Random(1), 3));
      }
    }
    Path path = folder.resolve("sorted.safetensors");
    SafetensorsWriter.write(path, tensors, Map.of());
    List<String> expected =
        Stream.of(
                "U64 I64 F64 F32 U32 I32 BF16 F16 U16 I16 F8_E4M3 F8_E5M2 I8 U8 BOOL"
                    .split(" ", -1))
            .flatMap(dtype -> Stream.of("a", "b", "\uffff", "\ud83d\ude00").map(n -> dtype + n))
            .toList();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertEquals(expected, List.copyOf(file.names()));
    }
  }

  private static TensorEntry random(String name, DType dtype, Random random, int... dims) {
    TensorType type = new TensorType(dtype, Shape.of(dims));
    byte[] bytes = new byte[(int) type.bytes()];
    random.nextBytes(bytes);
    return new TensorEntry(name, type, MemorySegment.ofArray(bytes));
  }

  @Provide
  Arbitrary<List<TensorEntry>> checkpoints() {
    Arbitrary<int[]> shapes = Arbitraries.integers().between(0, 5).array(int[].class).ofMaxSize(4);
    Arbitrary<TensorEntry> tensors =
        Combinators.combine(
                Arbitraries.strings().ofMaxLength(12).filter(SafetensorsWriterTest::isText),
                Arbitraries.of(DType.class),
                shapes,
                Arbitraries.longs())
            .as((name, dtype, dims, seed) -> random(name, dtype, new Random(seed), dims));
    return tensors.list().ofMaxSize(12).uniqueElements(TensorEntry::name);
  }

  @Provide
  Arbitrary<Map<String, String>> metadata() {
    Arbitrary<String> text =
        Arbitraries.strings().ofMaxLength(20).filter(SafetensorsWriterTest::isText);
    return Arbitraries.maps(text, text).ofMaxSize(5);
  }

  private static boolean isText(String s) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(s);
  }

  @Property(tries = 150)
  void readsBackWhatItWrote(
      @ForAll("checkpoints") List<TensorEntry> tensors,
      @ForAll("metadata") Map<String, String> metadata)
      throws IOException {
    Path folder = Files.createTempDirectory("f2d4j");
    Path path = folder.resolve("model.safetensors");
    try {
      SafetensorsWriter.write(path, tensors, metadata);
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        assertEquals(metadata, file.metadata());
        assertEquals(tensors.size(), file.names().size());
        long start = Files.size(path) - tensors.stream().mapToLong(t -> t.type().bytes()).sum();
        assertEquals(0, start % 8);
        for (TensorEntry tensor : tensors) {
          TensorEntry read = file.get(tensor.name());
          assertEquals(tensor.type(), read.type());
          assertEquals(-1, tensor.data().mismatch(read.data()));
          assertEquals(0, read.data().address() % tensor.dtype().bytes(), "alignment");
        }
      }
    } finally {
      Files.deleteIfExists(path);
      Files.delete(folder);
    }
  }

  @Test
  void leavesTheOldFileAndNothingElseWhenLoadingFails(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("model.safetensors");
    SafetensorsWriter.write(path, List.of(sequence("old", 6)), Map.of());
    byte[] before = Files.readAllBytes(path);
    List<SafetensorsWriter.Pending> tensors =
        List.of(
            new SafetensorsWriter.Pending(
                "a", TensorType.f32(Shape.of(6)), () -> sequence("a", 6).data()),
            new SafetensorsWriter.Pending(
                "b",
                TensorType.f32(Shape.of(6)),
                () -> {
                  throw new IOException("the disk is gone");
                }));
    IOException e =
        assertThrows(IOException.class, () -> SafetensorsWriter.stream(path, tensors, Map.of()));
    assertEquals("the disk is gone", e.getMessage());
    assertArrayEquals(before, Files.readAllBytes(path));
    assertFolderHolds(folder, path);
  }

  @Test
  void refusesDataOfAnotherSize(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("model.safetensors");
    List<SafetensorsWriter.Pending> tensors =
        List.of(
            new SafetensorsWriter.Pending(
                "a", TensorType.f32(Shape.of(7)), () -> sequence("a", 6).data()));
    assertThrows(
        IllegalArgumentException.class, () -> SafetensorsWriter.stream(path, tensors, Map.of()));
    assertFolderHolds(folder);
  }

  @Test
  void refusesNamesTheFormatCannotHold(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("model.safetensors");
    for (List<TensorEntry> tensors :
        List.of(
            List.of(sequence("a", 6), sequence("a", 6)),
            List.of(sequence("__metadata__", 6)),
            List.of(sequence("half a pair \ud800", 6)))) {
      assertThrows(
          IllegalArgumentException.class,
          () -> SafetensorsWriter.write(path, tensors, Map.of()),
          tensors.toString());
    }
    assertFolderHolds(folder);
  }

  @Test
  void saysWhereItCannotWrite(@TempDir Path folder) {
    Path missing = folder.resolve("missing").resolve("model.safetensors");
    IOException e =
        assertThrows(
            IOException.class, () -> SafetensorsWriter.write(missing, List.of(), Map.of()));
    assertTrue(e.getMessage().contains("create it first"), e.getMessage());
    assertThrows(IOException.class, () -> SafetensorsWriter.write(folder, List.of(), Map.of()));
  }

  @Test
  void replacesAFileThatIsMapped(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("model.safetensors");
    SafetensorsWriter.write(path, List.of(sequence("a", 6)), Map.of());
    TensorEntry old;
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      old = file.get("a");
      SafetensorsWriter.write(path, List.of(TensorEntry.of("a", Shape.of(1), 9)), Map.of());
    }
    assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, old.toFloats());
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertArrayEquals(new float[] {9}, file.get("a").toFloats());
    }
  }

  private static void assertFolderHolds(Path folder, Path... files) throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      assertEquals(List.of(files), list.toList());
    }
  }
}
