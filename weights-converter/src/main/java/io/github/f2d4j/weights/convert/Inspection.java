package io.github.f2d4j.weights.convert;

import io.github.f2d4j.engine.types.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a checkpoint holds.
 *
 * @param path the file, or the folder of a component
 * @param title what kind of model it is
 * @param isKnown whether the kind was recognised
 * @param remedy what to take instead, if the kind cannot be used; else empty
 * @param tensors every tensor, by key
 * @param values what is stored beside the tensors, by key
 */
public record Inspection(
    Path path,
    String title,
    boolean isKnown,
    String remedy,
    List<Line> tensors,
    Map<String, String> values) {
  /**
   * One tensor.
   *
   * @param key its name
   * @param type element type and shape
   */
  public record Line(String key, TensorType type) {}

  /** Copies the collections. */
  public Inspection {
    tensors = List.copyOf(tensors);
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  /**
   * Looks at a file, at a folder that holds one, or at every part of a model folder. Data is not
   * read.
   *
   * @throws io.github.f2d4j.weights.io.WeightFormatException if a file is malformed
   * @throws IOException if there is nothing or it cannot be read
   */
  public static List<Inspection> of(Path path) throws IOException {
    List<Inspection> found = new ArrayList<>();
    for (GivenWeights given : GivenWeights.open(path)) {
      try (var source = given.source()) {
        List<Line> lines = new ArrayList<>();
        source.names().stream()
            .sorted()
            .forEach(name -> lines.add(new Line(name, source.type(name))));
        Recognition r = given.recognition();
        found.add(
            new Inspection(
                given.path(),
                r.title(),
                !(r instanceof Recognition.Unknown),
                r instanceof Recognition.Refused refused ? refused.remedy() : "",
                lines,
                source.metadata()));
      }
    }
    return found;
  }

  /** The number of all values. */
  public long elements() {
    return tensors.stream().mapToLong(t -> t.type.shape().elements()).sum();
  }

  /** Their size. */
  public long bytes() {
    return tensors.stream().mapToLong(t -> t.type.bytes()).sum();
  }

  /** How many tensors there are of each element type. */
  public Map<String, Integer> byType() {
    Map<String, Integer> counts = new TreeMap<>();
    tensors.forEach(t -> counts.merge(t.type.dtype().name(), 1, Integer::sum));
    return counts;
  }
}
