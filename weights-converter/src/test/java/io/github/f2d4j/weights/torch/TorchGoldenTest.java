package io.github.f2d4j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.weights.WeightFiles;
import io.github.f2d4j.weights.io.WeightFormatException;
import io.github.f2d4j.weights.safetensors.SafetensorsFile;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import io.github.f2d4j.weights.testing.Goldens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files of {@code torch.save} load exactly, hostile ones are refused: {@code torch_pt*} folders.
 */
class TorchGoldenTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern GLOBAL = Pattern.compile("[a-z_]+(\\.[a-z_]+)+");

  static Stream<Arguments> files() {
    return cases("files", "what");
  }

  static Stream<Arguments> hostile() {
    return cases("hostile", "reason");
  }

  private static Stream<Arguments> cases(String list, String why) {
    return Goldens.directories("torch_pt").stream()
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
  @MethodSource("files")
  void loadsExactly(String file, String what, Path folder, JsonNode node) throws IOException {
    Path expected = folder.resolve(node.path("expected").asText());
    try (TensorSource torch = WeightFiles.open(folder.resolve(file));
        TensorSource reference = SafetensorsFile.open(expected)) {
      assertInstanceOf(TorchFile.class, torch);
      assertEquals(reference.names(), torch.names());
      for (String name : reference.names()) {
        TensorEntry want = reference.get(name);
        TensorEntry got = torch.get(name);
        assertEquals(name, got.name());
        assertEquals(want.type(), got.type(), name);
        assertEquals(-1, want.data().mismatch(got.data()), "first differing byte of " + name);
      }
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("files")
  void readsWhatIsNoTensor(String file, String what, Path folder, JsonNode node)
      throws IOException {
    try (TorchFile torch = TorchFile.open(folder.resolve(file))) {
      Map<String, @Nullable Object> values = torch.values();
      JsonNode scalars = node.path("scalars");
      for (Map.Entry<String, JsonNode> scalar : scalars.properties()) {
        assertTrue(values.containsKey(scalar.getKey()), scalar.getKey() + " in " + values);
        assertSame(scalar.getKey(), scalar.getValue(), values.get(scalar.getKey()));
      }
    }
  }

  /** The manifest gives integers beyond 64 bits as text. */
  private static void assertSame(String name, JsonNode expected, @Nullable Object actual) {
    if (expected.isNull()) {
      assertEquals(null, actual, name);
      return;
    }
    assertNotNull(actual, name);
    if (expected.isArray()) {
      List<?> items = assertInstanceOf(List.class, actual, name);
      assertEquals(expected.size(), items.size(), name);
      for (int i = 0; i < items.size(); i++) {
        assertSame(name + "[" + i + "]", expected.get(i), items.get(i));
      }
    } else if (expected.isBoolean()) {
      assertEquals(expected.asBoolean(), actual, name);
    } else if (expected.isIntegralNumber()) {
      assertEquals(expected.asLong(), actual, name);
    } else if (expected.isNumber()) {
      assertEquals(expected.asDouble(), actual, name);
    } else {
      assertEquals(expected.asText(), actual.toString(), name);
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("hostile")
  void refusesHostileFile(
      String file, String reason, Path folder, JsonNode node, @TempDir Path elsewhere)
      throws IOException {
    Path path = folder.resolve(file);
    // Whatever the name: a file is known by its content.
    Path renamed = Files.copy(path, elsewhere.resolve("weights"));
    for (Path p : List.of(path, renamed)) {
      WeightFormatException e =
          assertThrows(WeightFormatException.class, () -> WeightFiles.open(p), reason);
      assertTrue(e.getMessage().startsWith(p + ": "), e.getMessage());
      assertTrue(
          e.getMessage().contains("found ") && e.getMessage().contains("expected "),
          e.getMessage());
      assertTrue(e.getMessage().length() < p.toString().length() + 800, e.getMessage());
      // A global such as posix.system must be named.
      GLOBAL
          .matcher(reason)
          .results()
          .forEach(
              global ->
                  assertTrue(e.getMessage().contains("'" + global.group() + "'"), e.getMessage()));
    }
  }
}
