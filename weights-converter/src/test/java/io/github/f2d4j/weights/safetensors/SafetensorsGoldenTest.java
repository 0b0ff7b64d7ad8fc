package io.github.f2d4j.weights.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.WeightFiles;
import io.github.f2d4j.weights.testing.Goldens;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Malformed files are refused, valid edge cases load exactly: {@code safetensors_bad*} folders. */
class SafetensorsGoldenTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<Arguments> bad() {
    return cases("bad", "reason");
  }

  static Stream<Arguments> valid() {
    return cases("valid", "what");
  }

  private static Stream<Arguments> cases(String list, String why) {
    return Goldens.directories("safetensors_bad").stream()
        .flatMap(
            folder ->
                manifest(folder)
                    .path(list)
                    .valueStream()
                    .map(
                        node ->
                            Arguments.of(
                                node.path("file").asText(),
                                node.path(why).asText(),
                                folder,
                                node)));
  }

  private static JsonNode manifest(Path folder) {
    try {
      return JSON.readTree(folder.resolve("manifest.json").toFile());
    } catch (IOException e) {
      throw new AssertionError("cannot read the manifest of " + folder, e);
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("bad")
  void refusesMalformedFile(String file, String reason, Path folder, JsonNode node) {
    Path path = folder.resolve(file);
    SafetensorsException e =
        assertThrows(SafetensorsException.class, () -> WeightFiles.open(path), reason);
    assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
    assertTrue(e.getMessage().contains("found ") && e.getMessage().contains("expected "));
    assertTrue(e.getMessage().length() < path.toString().length() + 800, e.getMessage());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("valid")
  void loadsEdgeCase(String file, String what, Path folder, JsonNode node) throws IOException {
    try (TensorSource source = WeightFiles.open(folder.resolve(file))) {
      Set<String> names = new HashSet<>();
      for (Map.Entry<String, JsonNode> entry : node.path("tensors").properties()) {
        names.add(entry.getKey());
        TensorEntry tensor = source.get(entry.getKey());
        JsonNode expected = entry.getValue();
        assertEquals(DType.valueOf(expected.path("dtype").asText()), tensor.dtype());
        int[] dims = expected.path("shape").valueStream().mapToInt(JsonNode::asInt).toArray();
        assertEquals(Shape.of(dims), tensor.shape());
        JsonNode values = expected.path("values");
        assertEquals(values.size(), tensor.shape().elements());
        for (int i = 0; i < values.size(); i++) {
          assertEquals(
              expectedBits(tensor.dtype(), values.get(i)),
              bits(tensor, i),
              entry.getKey() + "[" + i + "] of " + values.get(i));
        }
      }
      assertEquals(names, source.names());
      Map<String, String> metadata = new HashMap<>();
      node.path("metadata")
          .properties()
          .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
      assertEquals(metadata, source.metadata());
    }
  }

  /** Element {@code i} as its raw bits, zero-extended; any NaN as the canonical one. */
  private static long bits(TensorEntry tensor, int i) {
    MemorySegment data = tensor.data();
    int size = tensor.dtype().bytes();
    byte[] raw = data.asSlice((long) i * size, size).toArray(ValueLayout.JAVA_BYTE);
    long bits = 0;
    for (int b = size - 1; b >= 0; b--) {
      bits = (bits << 8) | (raw[b] & 0xff);
    }
    return tensor.dtype() == DType.F32 && Float.isNaN(Float.intBitsToFloat((int) bits))
        ? 0x7fc00000L
        : bits;
  }

  private static long expectedBits(DType dtype, JsonNode value) {
    return switch (dtype) {
      case F64 -> Double.doubleToLongBits(number(value));
      case F32 -> Float.floatToIntBits((float) number(value)) & 0xffffffffL;
      case F16 -> Float.floatToFloat16((float) number(value)) & 0xffffL;
      case BF16 -> Float.floatToIntBits((float) number(value)) >>> 16;
      case BOOL -> value.asBoolean() ? 1 : 0;
      default ->
          dtype.bytes() == 8
              ? Long.parseLong(value.asText())
              : Long.parseLong(value.asText()) & ((1L << (8 * dtype.bytes())) - 1);
    };
  }

  private static double number(JsonNode value) {
    return value.isTextual() ? Double.parseDouble(value.asText()) : value.asDouble();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("valid")
  void writesWhatItRead(
      String file, String what, Path folder, JsonNode node, @TempDir Path temporary)
      throws IOException {
    Path copy = temporary.resolve(file);
    try (TensorSource source = WeightFiles.open(folder.resolve(file))) {
      SafetensorsWriter.write(
          copy, source.names().stream().map(source::get).toList(), source.metadata());
      try (TensorSource read = WeightFiles.open(copy)) {
        assertEquals(source.names(), read.names());
        assertEquals(source.metadata(), read.metadata());
        for (String name : source.names()) {
          assertEquals(source.get(name).type(), read.get(name).type());
          assertEquals(-1, source.get(name).data().mismatch(read.get(name).data()));
        }
      }
    }
  }
}
