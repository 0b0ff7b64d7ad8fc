package io.github.f2d4j.weights.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The small files of a model folder, by their path in it: {@code unet/config.json}, {@code
 * tokenizer/vocab.json}, {@code scheduler/scheduler_config.json} and so on. A checkpoint in one
 * file has none of them, so they come from another folder of the same architecture or from the
 * defaults of Stable Diffusion 1.x.
 */
public final class ModelLayout {
  /** The folders whose every small file belongs to the model. */
  private static final List<String> WHOLE = List.of("tokenizer", "scheduler");

  /** The folders that hold weights and one configuration. */
  private static final List<String> CONFIGURED =
      List.of("unet", "vae", "text_encoder", "msid", "mapping", "expression");

  /** Larger than any vocabulary of a CLIP tokenizer. */
  private static final long MAX_BYTES = 64L << 20;

  private static final String CONFIG = "config.json";
  private static final String INDEX = "model_index.json";

  private final Map<String, byte[]> files;

  private ModelLayout(Map<String, byte[]> files) {
    this.files = files;
  }

  /** The files by their relative path with {@code /}. */
  public static ModelLayout of(Map<String, byte[]> files) {
    Map<String, byte[]> copy = new TreeMap<>();
    files.forEach((path, bytes) -> copy.put(path, bytes.clone()));
    return new ModelLayout(copy);
  }

  /** No files. */
  public static ModelLayout empty() {
    return new ModelLayout(Map.of());
  }

  /**
   * What a folder in diffusers' layout holds of them; nothing is required.
   *
   * @throws ConversionException if it is no folder
   * @throws IOException if a file cannot be read
   */
  public static ModelLayout ofFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new ConversionException(
          "there is no folder "
              + folder
              + "; name a model folder in diffusers' layout, with unet/config.json and so on");
    }
    Map<String, byte[]> files = new TreeMap<>();
    add(files, folder, folder.resolve(INDEX));
    for (String part : CONFIGURED) {
      add(files, folder, folder.resolve(part).resolve(CONFIG));
    }
    for (String part : WHOLE) {
      Path dir = folder.resolve(part);
      if (Files.isDirectory(dir)) {
        try (var content = Files.newDirectoryStream(dir, "*.{json,txt}")) {
          for (Path file : content) {
            add(files, folder, file);
          }
        }
      }
    }
    return new ModelLayout(files);
  }

  private static void add(Map<String, byte[]> files, Path folder, Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    if (!Files.isRegularFile(file) || name.startsWith(".")) {
      return;
    }
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new ConversionException(
          file + " has " + size + " bytes, expected a small file; check the folder");
    }
    files.put(folder.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
  }

  /** These files, and those of {@code other} for whatever is not here. A folder is taken whole. */
  public ModelLayout or(ModelLayout other) {
    Map<String, byte[]> all = new TreeMap<>(files);
    other.files.forEach(
        (path, bytes) -> {
          if (under(top(path)).isEmpty() || !WHOLE.contains(top(path))) {
            all.putIfAbsent(path, bytes);
          }
        });
    return new ModelLayout(all);
  }

  private static String top(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? path : path.substring(0, slash);
  }

  /** The file of that path. */
  public Optional<byte[]> file(String path) {
    byte[] bytes = files.get(path);
    return bytes == null ? Optional.empty() : Optional.of(bytes.clone());
  }

  /** All files of that folder by their whole path. */
  public Map<String, byte[]> under(String folder) {
    Map<String, byte[]> found = new LinkedHashMap<>();
    files.forEach(
        (path, bytes) -> {
          if (path.startsWith(folder + "/")) {
            found.put(path, bytes.clone());
          }
        });
    return found;
  }
}
