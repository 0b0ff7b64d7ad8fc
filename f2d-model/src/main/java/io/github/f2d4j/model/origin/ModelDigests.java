package io.github.f2d4j.model.origin;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.f2d4j.weights.io.UserCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The SHA-256 of every part of a model (unet, vae, msid …), computed when first asked for. A part's
 * hash covers its weight files and its configuration; neither the names of the files nor spaces or
 * the order of keys in a configuration matter, nor do keys that begin with an underscore, in which
 * diffusers keeps its own version.
 *
 * <p>Files are stamped when this object is made, which must be before the model is loaded; a hash
 * is given only while they are unchanged. Hashing reads the files once, about a second for each
 * gigabyte; for large files the result is remembered in the user's cache, so later runs take
 * milliseconds. Safe for use by many threads.
 */
public final class ModelDigests {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();
  private static final int MOST_THREADS = 4;

  private final Map<String, List<Item>> parts;
  private final FileDigests files;
  private final Map<String, String> known = new HashMap<>();

  /** How a file enters the hash of its part. */
  public enum Role {
    /** A JSON configuration: by its meaning. */
    CONFIG,
    /** Weights, or anything else: by its bytes. */
    CONTENT
  }

  /**
   * A file of a part.
   *
   * @param path where it lies
   * @param label what it is within the part, the same wherever it lies; part of the hash
   * @param role how it enters the hash
   */
  public record PartFile(Path path, String label, Role role) {}

  private record Item(PartFile file, FileStamp stamp) {}

  private ModelDigests(Map<String, List<Item>> parts, FileDigests files) {
    this.parts = parts;
    this.files = files;
  }

  /**
   * Stamps the files of a model.
   *
   * @param parts the files of each part by the part's name
   * @throws IOException if a file is not there
   */
  public static ModelDigests of(Map<String, List<PartFile>> parts) throws IOException {
    return of(parts, new FileDigests(UserCache.folder().resolve("sha256")));
  }

  static ModelDigests of(Map<String, List<PartFile>> parts, FileDigests files) throws IOException {
    Map<String, List<Item>> stamped = new LinkedHashMap<>();
    for (Map.Entry<String, List<PartFile>> part : parts.entrySet()) {
      List<Item> items = new ArrayList<>();
      for (PartFile file : part.getValue()) {
        items.add(new Item(file, FileStamp.of(file.path())));
      }
      stamped.put(part.getKey(), items);
    }
    return new ModelDigests(stamped, files);
  }

  /** The names of the parts. */
  public Set<String> parts() {
    return Collections.unmodifiableSet(parts.keySet());
  }

  /**
   * The hash of one part, 64 hexadecimal digits.
   *
   * @throws IllegalArgumentException if the model has no such part
   * @throws IOException if a file cannot be read or has changed since the model was loaded
   */
  public String of(String part) throws IOException {
    List<Item> items = parts.get(part);
    if (items == null) {
      throw new IllegalArgumentException("the model has no part " + part + ", only " + parts());
    }
    synchronized (known) {
      String hash = known.get(part);
      if (hash != null) {
        return hash;
      }
    }
    // Two threads may both compute it: they find the same.
    StringBuilder text = new StringBuilder();
    for (Item item : items) {
      String hash =
          switch (item.file().role()) {
            case CONFIG -> config(item);
            case CONTENT -> files.of(item.stamp());
          };
      text.append(item.file().label()).append(' ').append(hash).append('\n');
    }
    String hash = FileDigests.hash(text.toString().getBytes(StandardCharsets.UTF_8));
    synchronized (known) {
      known.put(part, hash);
    }
    return hash;
  }

  /** By meaning: parsed, keys sorted, without those that begin with an underscore. */
  private String config(Item item) throws IOException {
    byte[] bytes = Files.readAllBytes(item.stamp().path());
    String raw = files.of(item.stamp()); // fails if the file is another by now
    try {
      JsonNode json = JSON.readTree(bytes);
      if (!json.isObject()) {
        return raw;
      }
      Map<String, Object> sorted = new TreeMap<>();
      json.properties().stream()
          .filter(e -> !e.getKey().startsWith("_"))
          .forEach(e -> sorted.put(e.getKey(), JSON.convertValue(e.getValue(), Object.class)));
      return FileDigests.hash(JSON.writeValueAsBytes(sorted));
    } catch (JacksonException e) {
      return raw; // Loading refuses what is no JSON; here it is just bytes.
    }
  }

  /**
   * The hash of every part by its name.
   *
   * @throws IOException if a file cannot be read or has changed since the model was loaded
   */
  public SortedMap<String, String> all() throws IOException {
    int threads = Math.min(MOST_THREADS, Math.max(1, Runtime.getRuntime().availableProcessors()));
    synchronized (known) {
      if (known.size() == parts.size()) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(known));
      }
    }
    Map<String, Future<String>> running = new LinkedHashMap<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (String part : parts.keySet()) {
        running.put(part, executor.submit((Callable<String>) () -> of(part)));
      }
    }
    SortedMap<String, String> all = new TreeMap<>();
    for (Map.Entry<String, Future<String>> part : running.entrySet()) {
      all.put(part.getKey(), result(part.getValue()));
    }
    return Collections.unmodifiableSortedMap(all);
  }

  private static String result(Future<String> done) throws IOException {
    try {
      return done.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RuntimeException r -> throw r;
        case null, default -> throw new IllegalStateException("hashing failed", e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new java.io.InterruptedIOException("hashing the model was interrupted");
    }
  }
}
