package io.github.f2d4j.model.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The keys and shapes of a published checkpoint, from the test resources' {@code manifests} or the
 * folder that the system property {@code manifests} names; what that folder lacks is skipped.
 */
public final class Manifest {
  private static final String COUNTER = ".num_batches_tracked";

  private final String file;
  private final Map<String, TensorType> types = new TreeMap<>();

  /** The manifest {@code manifests/<file>}. */
  public Manifest(String file) {
    this.file = file;
    for (Map.Entry<String, JsonNode> e : json(file).properties()) {
      DType dtype = e.getKey().endsWith(COUNTER) ? DType.I64 : DType.F32;
      types.put(e.getKey(), new TensorType(dtype, shape(e.getValue())));
    }
  }

  /** The whole content of {@code manifests/<file>}, for files of another form. */
  public static JsonNode json(String file) {
    try (InputStream in = open(file)) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A list of extents. */
  public static Shape shape(JsonNode dims) {
    return Shape.of(dims.valueStream().mapToInt(JsonNode::intValue).toArray());
  }

  private static InputStream open(String file) throws IOException {
    String folder = System.getProperty("manifests");
    if (folder != null && !folder.isEmpty()) {
      assertTrue(Files.isDirectory(Path.of(folder)), "-Dmanifests=" + folder + " is no folder");
      Path path = Path.of(folder, file);
      assumeTrue(Files.exists(path), "no " + file + " in -Dmanifests " + folder);
      return Files.newInputStream(path);
    }
    InputStream in = Manifest.class.getResourceAsStream("/manifests/" + file);
    assertNotNull(in, "no test resource manifests/" + file);
    return in;
  }

  /** Every key with its type; counters are I64, all others F32. */
  public Map<String, TensorType> types() {
    return new TreeMap<>(types);
  }

  /** The checkpoint's keys and types without data. */
  public Weights weights() {
    return Weights.ofTypes(file, types);
  }

  /**
   * Requires that a model has exactly the manifest's keys and shapes, both when it is built over
   * the checkpoint and when it is built without one.
   */
  public void assertDeclaredBy(Consumer<Weights> model) {
    Weights checkpoint = weights();
    model.accept(checkpoint);
    checkpoint.verify();

    Weights alone = Weights.recording();
    model.accept(alone);
    Map<String, TensorType> expected = new TreeMap<>(types);
    TreeSet<String> counters = new TreeSet<>(types.keySet());
    counters.removeIf(key -> !key.endsWith(COUNTER));
    expected.keySet().removeAll(counters);
    assertEquals(expected, alone.declared(), file);
    // Counters are integers that no model reads: they are known by name only.
    TreeSet<String> ignored = new TreeSet<>(alone.ignored());
    ignored.removeIf(key -> !key.endsWith(COUNTER));
    assertEquals(counters, ignored, file);
  }
}
