package io.github.f2d4j.weights.safetensors;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A checkpoint split over several files, as a Hugging Face index ({@code *.safetensors.index.json},
 * {@code *.bin.index.json}) describes it. Every shard must lie beside the index and hold the
 * tensors that the index assigns to it; tensors of a shard that the index does not name are not
 * visible.
 */
public final class ShardedSource implements TensorSource {
  private final Path index;
  private final Map<String, TensorSource> files;
  private final Map<String, String> metadata;
  private final int shards;
  private volatile boolean closed;

  /** Opens one shard, in whatever format it is. */
  @FunctionalInterface
  public interface ShardOpener {
    /** Opens the file {@code shard}. */
    TensorSource open(Path shard) throws IOException;
  }

  private ShardedSource(
      Path index, Map<String, TensorSource> files, Map<String, String> metadata, int shards) {
    this.index = index;
    this.files = Collections.unmodifiableMap(files);
    this.metadata = Collections.unmodifiableMap(metadata);
    this.shards = shards;
  }

  /**
   * Opens the index and all its shards.
   *
   * @param shardSuffix how the names of the shards must end, such as {@code .safetensors}
   * @param opener reads a shard
   * @throws SafetensorsException if the index breaks a rule of its format, if a shard is missing or
   *     lacks a tensor, or if a shard's name would lead out of the folder
   * @throws IOException if a file cannot be read, or {@code opener} refuses it
   */
  public static ShardedSource open(Path indexJson, String shardSuffix, ShardOpener opener)
      throws IOException {
    ShardIndex index = ShardIndex.read(indexJson, shardSuffix);
    Map<String, TensorSource> shards = new TreeMap<>();
    for (String shard : index.weightMap().values()) {
      if (!shards.containsKey(shard)) {
        shards.put(shard, opener.open(shardPath(indexJson, shard)));
      }
    }
    Map<String, TensorSource> files = LinkedHashMap.newLinkedHashMap(index.weightMap().size());
    shards.forEach(
        (shard, file) -> {
          for (String name : file.names()) {
            if (shard.equals(index.weightMap().get(name))) {
              files.put(name, file);
            }
          }
        });
    requireAll(indexJson, index, files);
    Map<String, String> metadata = new LinkedHashMap<>(index.metadata());
    shards.values().forEach(shard -> shard.metadata().forEach(metadata::putIfAbsent));
    return new ShardedSource(indexJson, files, metadata, shards.size());
  }

  /**
   * The index and the shards that it names, by name.
   *
   * @param shardSuffix how the names of the shards must end
   * @throws SafetensorsException if the index breaks a rule of its format, or a shard is missing
   * @throws IOException if the index cannot be read
   */
  public static List<Path> files(Path indexJson, String shardSuffix) throws IOException {
    List<Path> files = new ArrayList<>(List.of(indexJson));
    for (String shard :
        new TreeSet<>(ShardIndex.read(indexJson, shardSuffix).weightMap().values())) {
      files.add(shardPath(indexJson, shard));
    }
    return List.copyOf(files);
  }

  private static Path shardPath(Path indexJson, String shard) throws IOException {
    Path path = indexJson.resolveSibling(shard);
    if (!Files.exists(path)) {
      throw new SafetensorsException(
          indexJson,
          "every shard must lie beside the index",
          "no file " + quote(shard),
          path.toString(),
          "Fetch the missing shard",
          new NoSuchFileException(path.toString()));
    }
    return path;
  }

  private static void requireAll(Path indexJson, ShardIndex index, Map<String, TensorSource> files)
      throws SafetensorsException {
    for (Map.Entry<String, String> entry : index.weightMap().entrySet()) {
      if (!files.containsKey(entry.getKey())) {
        throw new SafetensorsException(
            indexJson,
            "every tensor must lie in the shard that the index names",
            "no tensor " + quote(entry.getKey()) + " in " + quote(entry.getValue()),
            "it there",
            "Index and shards are of different downloads; fetch all of them again");
      }
    }
  }

  @Override
  public Set<String> names() {
    return files.keySet();
  }

  @Override
  public TensorEntry get(String name) {
    if (closed) {
      throw new IllegalStateException(
          index + " is closed; take what you need before closing it, entries stay readable");
    }
    TensorSource file = files.get(name);
    if (file == null) {
      throw SimilarNames.notFound(name, this);
    }
    return file.get(name);
  }

  /** The index's metadata (values that are not strings as JSON text) and that of all shards. */
  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public String describe() {
    return index + " (" + files.size() + " tensors in " + shards + " shards)";
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public String toString() {
    return describe();
  }
}
