package io.github.f2d4j.weights.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
  @TempDir Path folder;

  private Path raw(String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    return Files.write(folder.resolve("raw.safetensors"), bytes.array());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}\\n | only spaces may follow",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} {} | only spaces may follow",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4],'shape':[1]}} | each field once",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4,8]}} | more than 2 values",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4]}} | two ascending offsets",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[-0,4]}} | non-negative integers",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4e0]}} | non-negative integers",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,18446744073709551620]}} | 2^63-1",
        "{'a':{'dtype':'F32','shape':[4294967296,4294967296,0],'data_offsets':[0,0]}} | overflows",
        "{'a':{'dtype':'F32','shape':[4294967296,0],'data_offsets':[0,0]}} | larger than this",
        "{'a':{'dtype':5,'shape':[1],'data_offsets':[0,4]}} | dtype of tensor",
        "{'a':{'dtype':'f32','shape':[1],'data_offsets':[0,4]}} | unknown dtype",
        "{'a':{'dtype':'F32','shape':[01],'data_offsets':[0,4]}} | malformed JSON",
        "{'a':{'dtype':'F32','shape':[NaN],'data_offsets':[0,4]}} | malformed JSON",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4],}} | malformed JSON",
        "{'\\udc00':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | urrogate",
        "{'__metadata__':{'k':'\\udc00'}} | unpaired surrogate",
        "{'__metadata__':{'\\ud800':'v'}} | urrogate",
        "{'__metadata__':{'k':'v','k':'v'}} | unique",
        "{'__metadata__':{},'__metadata__':{}} | unique",
        "{'__metadata__':null} | must be a JSON object",
        "{'__metadata__':['k']} | must be a JSON object",
        "[] | must start with",
        "{'a':null} | must be a JSON object",
      })
  void refusesBrokenHeader(String header, String rule) throws IOException {
    String json = header.replace('\'', '"').replace("\\n", "\n");
    Path path = raw(json, header.contains("[0,4") ? 4 : 0);
    SafetensorsException e =
        assertThrows(SafetensorsException.class, () -> SafetensorsFile.open(path));
    assertTrue(e.getMessage().contains(rule), e.getMessage());
    assertEquals(path, e.file());
  }

  @Test
  void ignoresFurtherFieldsAsUpstreamDoes() throws IOException {
    Path path =
        raw(
            "{\"a\":{\"dtype\":\"U8\",\"note\":{\"x\":[1]},\"shape\":[2],\"data_offsets\":[0,2]}}",
            2);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertEquals(new TensorType(DType.U8, Shape.of(2)), file.get("a").type());
    }
  }

  /** Every truncation of a file, and every change of one byte of its header, is safe to open. */
  @Test
  void neverFailsInAnotherWay() throws IOException {
    Path path = folder.resolve("model.safetensors");
    SafetensorsWriter.write(
        path,
        List.of(
            TensorEntry.of("weight", Shape.of(2, 3), 0, 1, 2, 3, 4, 5),
            TensorEntry.of("bias", Shape.of(3), 0, 1, 2)),
        Map.of("format", "pt"));
    byte[] bytes = Files.readAllBytes(path);
    for (int length = 0; length < bytes.length; length++) {
      Files.write(path, java.util.Arrays.copyOf(bytes, length));
      assertThrows(SafetensorsException.class, () -> SafetensorsFile.open(path));
    }
    Random random = new Random(1);
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] changed = bytes.clone();
      changed[random.nextInt(bytes.length - 36)] = (byte) random.nextInt(256);
      Files.write(path, changed);
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        for (String name : file.names()) {
          file.get(name).data().toArray(ValueLayout.JAVA_BYTE);
        }
      } catch (SafetensorsException e) {
        refused++;
      }
    }
    assertTrue(refused > 1000, "refused " + refused);
  }

  @Test
  void entriesOutliveTheirFile() throws IOException {
    Path path = folder.resolve("model.safetensors");
    SafetensorsWriter.write(
        path, List.of(TensorEntry.of("a", Shape.of(2), 1.5f, -2)), Map.of("k", "v"));
    SafetensorsFile file = SafetensorsFile.open(path);
    TensorEntry entry = file.get("a");
    file.close();
    assertArrayEquals(new float[] {1.5f, -2}, entry.toFloats());
    assertTrue(entry.data().isReadOnly());
    assertTrue(entry.data().isMapped());
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> file.get("a"));
    assertTrue(e.getMessage().contains("closed"), e.getMessage());
  }

  @Test
  void namesTheNearestTensorWhenThereIsNone() throws IOException {
    Path path = folder.resolve("model.safetensors");
    SafetensorsWriter.write(
        path,
        List.of(
            TensorEntry.of("mid.attn.to_q.weight", Shape.of(1), 1),
            TensorEntry.of("conv.bias", Shape.of(1), 1)),
        Map.of());
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      NoSuchElementException e =
          assertThrows(NoSuchElementException.class, () -> file.get("mid.attn.query.weight"));
      assertTrue(
          e.getMessage().contains("nearest names are ['mid.attn.to_q.weight'"), e.getMessage());
    }
  }

  @Test
  void saysWhatIsNotAFile() throws IOException {
    NoSuchFileException missing =
        assertThrows(NoSuchFileException.class, () -> SafetensorsFile.open(folder.resolve("none")));
    assertTrue(missing.getMessage().contains("no such weight file"), missing.getMessage());
    SafetensorsException e =
        assertThrows(SafetensorsException.class, () -> SafetensorsFile.open(folder));
    assertTrue(e.getMessage().contains("a folder"), e.getMessage());
  }

  /** A sparse file: 5 GB by its size, a few kilobytes on the disk. */
  @Test
  void readsBeyondTwoGigabytes() throws IOException {
    long bytes = 5L << 30;
    String header =
        "{\"big\":{\"dtype\":\"U8\",\"shape\":[5,1073741824],\"data_offsets\":[0,"
            + bytes
            + "]},\"last\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":["
            + bytes
            + ","
            + (bytes + 3)
            + "]}}";
    Path path = raw(header, 0);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      long end = channel.size() + bytes;
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), end);
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertArrayEquals(
          new byte[] {1, 2, 3}, file.get("last").data().toArray(ValueLayout.JAVA_BYTE));
      MemorySegment big = file.get("big").data();
      assertEquals(bytes, big.byteSize());
      assertEquals(0, big.get(ValueLayout.JAVA_BYTE, bytes - 1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F16", "BF16", "F32"})
  void widensToFloats(String dtype) throws IOException {
    float[] values = {0, -0f, 1.5f, -3, 0.25f, Float.POSITIVE_INFINITY};
    DType type = DType.valueOf(dtype);
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (float v : values) {
      switch (type) {
        case F16 -> bytes.putShort(Float.floatToFloat16(v));
        case BF16 -> bytes.putShort((short) (Float.floatToIntBits(v) >>> 16));
        default -> bytes.putFloat(v);
      }
    }
    TensorEntry entry =
        new TensorEntry(
            "x",
            new TensorType(type, Shape.of(values.length)),
            MemorySegment.ofArray(bytes.array()));
    assertArrayEquals(values, entry.toFloats());
  }

  @Test
  void refusesToReadIntegersAsFloats() {
    TensorEntry entry =
        new TensorEntry(
            "ids", new TensorType(DType.I64, Shape.of(1)), MemorySegment.ofArray(new byte[8]));
    IllegalStateException e = assertThrows(IllegalStateException.class, entry::toFloats);
    assertTrue(e.getMessage().contains("'ids' of type I64[1]"), e.getMessage());
  }
}
