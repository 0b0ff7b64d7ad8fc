package io.github.f2d4j.weights.testing;

import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/** The weights among the tensors of a fixture and its shards. */
final class WeightsView implements TensorSource {
  private final Path path;
  private final Map<String, TensorSource> owners = new LinkedHashMap<>();
  private final Map<String, String> metadata;

  WeightsView(Path path, List<TensorSource> sources) {
    this.path = path;
    this.metadata = sources.getFirst().metadata();
    for (TensorSource source : sources) {
      for (String name : source.names()) {
        if (isWeight(name) && owners.put(name, source) != null) {
          throw new AssertionError(path + ": weight " + name + " lies in two files");
        }
      }
    }
  }

  private static boolean isWeight(String name) {
    return !name.startsWith("in.") && !name.startsWith("out.") && !name.startsWith("mid.");
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(owners.keySet());
  }

  @Override
  public TensorEntry get(String name) {
    TensorSource owner = owners.get(name);
    if (owner == null) {
      throw new NoSuchElementException("no weight '" + name + "' in fixture " + path);
    }
    return owner.get(name);
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public String describe() {
    return path + " (" + owners.size() + " weights)";
  }

  @Override
  public void close() {}
}
