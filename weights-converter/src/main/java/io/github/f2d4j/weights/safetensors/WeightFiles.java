package io.github.f2d4j.weights.safetensors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Opens weights wherever they lie: a file, a shard index, or a folder that holds either. */
public final class WeightFiles {
  /** The order in which a folder's files are preferred; the names are those of the Hub. */
  private static final List<String> PREFERRED =
      List.of(
          "diffusion_pytorch_model.safetensors",
          "diffusion_pytorch_model.safetensors.index.json",
          "model.safetensors",
          "model.safetensors.index.json",
          "diffusion_pytorch_model.fp16.safetensors",
          "diffusion_pytorch_model.fp16.safetensors.index.json",
          "model.fp16.safetensors",
          "model.fp16.safetensors.index.json");

  private static final Pattern SHARD = Pattern.compile(".*-\\d{5}-of-\\d{5}\\.safetensors");
  private static final Pattern PICKLE = Pattern.compile(".*\\.(bin|pt|pth|ckpt)");

  private WeightFiles() {}

  /**
   * Opens {@code path}: a {@code .safetensors} file, a {@code *.safetensors.index.json}, or a
   * folder. In a folder the Hub's usual names come first; otherwise there must be exactly one
   * candidate.
   *
   * @throws SafetensorsException if a file breaks a rule of its format
   * @throws IOException if there is nothing to open, more than one candidate, or reading fails; the
   *     message says which
   */
  public static TensorSource open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return open(candidate(path));
    }
    String name = String.valueOf(path.getFileName());
    if (name.endsWith(".index.json")) {
      return ShardedSafetensors.open(path);
    }
    if (PICKLE.matcher(name).matches() && Files.exists(path)) {
      throw new SafetensorsException(
          path,
          "not a safetensors file",
          "a PyTorch pickle, by its name",
          "a .safetensors file",
          "Convert it to safetensors first");
    }
    return SafetensorsFile.open(path);
  }

  private static Path candidate(Path folder) throws IOException {
    List<String> names;
    try (Stream<Path> files = Files.list(folder)) {
      names = files.map(file -> file.getFileName().toString()).sorted().toList();
    }
    for (String preferred : PREFERRED) {
      if (names.contains(preferred)) {
        return folder.resolve(preferred);
      }
    }
    List<String> candidates = names.stream().filter(WeightFiles::isCandidate).toList();
    if (candidates.size() == 1) {
      return folder.resolve(candidates.getFirst());
    }
    if (candidates.isEmpty()) {
      List<String> pickles = names.stream().filter(n -> PICKLE.matcher(n).matches()).toList();
      throw new NoSuchFileException(
          folder.toString(),
          null,
          "the folder holds no .safetensors file and no *.safetensors.index.json"
              + (pickles.isEmpty()
                  ? "; check the path, or download the model"
                  : ", only " + pickles + "; convert that to safetensors first"));
    }
    throw new SafetensorsException(
        folder,
        "a folder of weights must hold one checkpoint",
        candidates.toString(),
        "one of them, or one named like " + PREFERRED.getFirst(),
        "Name the file itself");
  }

  private static boolean isCandidate(String name) {
    return name.endsWith(ShardedSafetensors.INDEX_SUFFIX)
        || (name.endsWith(".safetensors")
            && !name.startsWith(".")
            && !SHARD.matcher(name).matches());
  }
}
