package io.github.f2d4j.weights.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.WeightFiles;
import io.github.f2d4j.weights.safetensors.SafetensorsFile;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One file of reference tensors: weights under their checkpoint keys, {@code in.*} inputs, {@code
 * out.*} outputs, {@code mid.*} intermediates, and a JSON {@code config}. Prints as its name, so it
 * can be the argument of a parameterised test.
 */
public final class Fixture {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  private final TensorSource file;

  Fixture(Path path) {
    this.path = path;
    try {
      this.file = SafetensorsFile.open(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file's name without {@code .safetensors}. */
  public String name() {
    return Goldens.stem(path);
  }

  /** The file. */
  public Path path() {
    return path;
  }

  /** The {@code config} of the metadata: model configuration, cases, notes. */
  public JsonNode config() {
    return json("config");
  }

  /** A metadata string parsed as JSON. */
  public JsonNode json(String key) {
    String text = file.metadata().get(key);
    if (text == null) {
      throw new AssertionError(path + " has no metadata " + key);
    }
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(path + ": metadata " + key + " is not JSON", e);
    }
  }

  /** The metadata strings. */
  public Map<String, String> metadata() {
    return file.metadata();
  }

  /** All names of this file that start with {@code prefix}, sorted. */
  public List<String> names(String prefix) {
    return file.names().stream().filter(name -> name.startsWith(prefix)).sorted().toList();
  }

  /** Whether this file has a tensor of that name. */
  public boolean has(String name) {
    return file.contains(name);
  }

  /** The tensor of that name. */
  public TensorEntry tensor(String name) {
    return file.get(name);
  }

  /** The shape of that tensor. */
  public Shape shape(String name) {
    return tensor(name).shape();
  }

  /** A copy as floats: F32, or F16 and BF16 widened. */
  public float[] floats(String name) {
    return tensor(name).toFloats();
  }

  /** A copy as longs: I64, I32, or U8. */
  public long[] longs(String name) {
    TensorEntry tensor = tensor(name);
    MemorySegment data = tensor.data();
    long[] values = new long[(int) tensor.shape().elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (tensor.dtype()) {
            case I64 -> data.get(little(ValueLayout.JAVA_LONG_UNALIGNED), 8L * i);
            case I32 -> data.get(little(ValueLayout.JAVA_INT_UNALIGNED), 4L * i);
            case U8 -> data.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            default -> throw new AssertionError(tensor + " cannot be read as longs");
          };
    }
    return values;
  }

  /** A copy as ints: I64 or I32, every value in range. */
  public int[] ints(String name) {
    long[] values = longs(name);
    int[] ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = Math.toIntExact(values[i]);
    }
    return ints;
  }

  /** A copy as doubles: F64, or what {@link #floats} accepts, widened. */
  public double[] doubles(String name) {
    TensorEntry tensor = tensor(name);
    if (tensor.dtype() == DType.F64) {
      return tensor.data().toArray(little(ValueLayout.JAVA_DOUBLE_UNALIGNED));
    }
    float[] floats = tensor.toFloats();
    double[] values = new double[floats.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = floats[i];
    }
    return values;
  }

  /** A copy of the raw bytes of a U8, I8 or BOOL tensor. */
  public byte[] bytes(String name) {
    TensorEntry tensor = tensor(name);
    if (tensor.dtype().bytes() != 1) {
      throw new AssertionError(tensor + " cannot be read as bytes");
    }
    return tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }

  /**
   * The model's weights: all keys that are not {@code in.}, {@code out.} or {@code mid.}, of this
   * file and of its shards ({@code <name>.safetensors.index.json}, or {@code
   * <name>-0000?-of-0000?.safetensors} without an index).
   */
  public TensorSource weights() {
    try {
      List<TensorSource> sources = new ArrayList<>(List.of(file));
      Path index = path.resolveSibling(name() + ".safetensors.index.json");
      if (Files.exists(index)) {
        sources.add(WeightFiles.open(index));
      } else {
        for (Path shard : shards()) {
          sources.add(SafetensorsFile.open(shard));
        }
      }
      return new WeightsView(path, sources);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Path> shards() throws IOException {
    String prefix = name() + "-";
    try (Stream<Path> files = Files.list(path.toAbsolutePath().getParent())) {
      return files
          .filter(file -> Goldens.stem(file).startsWith(prefix))
          .filter(
              file ->
                  Goldens.stem(file).substring(prefix.length()).matches("\\d{5}-of-\\d{5}")
                      && file.toString().endsWith(".safetensors"))
          .sorted()
          .toList();
    }
  }

  private static ValueLayout.OfLong little(ValueLayout.OfLong layout) {
    return layout.withOrder(ByteOrder.LITTLE_ENDIAN);
  }

  private static ValueLayout.OfInt little(ValueLayout.OfInt layout) {
    return layout.withOrder(ByteOrder.LITTLE_ENDIAN);
  }

  private static ValueLayout.OfDouble little(ValueLayout.OfDouble layout) {
    return layout.withOrder(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public String toString() {
    return name();
  }
}
