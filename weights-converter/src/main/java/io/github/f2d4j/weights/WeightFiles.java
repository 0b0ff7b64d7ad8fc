package io.github.f2d4j.weights;

import io.github.f2d4j.weights.io.WeightFormatException;
import io.github.f2d4j.weights.safetensors.SafetensorsFile;
import io.github.f2d4j.weights.safetensors.ShardedSource;
import io.github.f2d4j.weights.safetensors.TensorSource;
import io.github.f2d4j.weights.torch.TorchFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Opens weights wherever they lie: a file, a shard index, or a folder that holds either.
 *
 * {@snippet file = "io/github/f2d4j/weights/example/WeightFilesExample.java" region = "open"}
 */
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

  /** The same for PyTorch checkpoints, which are taken where a folder has no safetensors. */
  private static final List<String> PREFERRED_PICKLES =
      List.of(
          "diffusion_pytorch_model.bin",
          "diffusion_pytorch_model.bin.index.json",
          "pytorch_model.bin",
          "pytorch_model.bin.index.json",
          "diffusion_pytorch_model.fp16.bin",
          "diffusion_pytorch_model.fp16.bin.index.json",
          "pytorch_model.fp16.bin",
          "pytorch_model.fp16.bin.index.json");

  private static final String SAFETENSORS = ".safetensors";
  private static final String BIN = ".bin";
  private static final String INDEX = ".index.json";
  private static final Pattern SHARD = Pattern.compile(".*-\\d{5}-of-\\d{5}\\.(safetensors|bin)");
  private static final Pattern PICKLE = Pattern.compile("[^.].*\\.(bin|pt|pth|ckpt)");

  private WeightFiles() {}

  /**
   * Opens {@code path}: a {@code .safetensors} file, a PyTorch checkpoint, the index of a sharded
   * one of either kind ({@code *.safetensors.index.json}, {@code *.bin.index.json}), or a folder.
   * In a folder the Hub's usual names come first, safetensors before PyTorch; otherwise there must
   * be exactly one candidate.
   *
   * <p>A PyTorch checkpoint is known by its content, whatever its name ({@code .pt}, {@code .pth},
   * {@code .ckpt}, {@code .bin}); yet a file that calls itself {@code .safetensors} is never read
   * as a pickle.
   *
   * @throws WeightFormatException if a file breaks a rule of its format, or a folder holds more
   *     than one candidate
   * @throws IOException if there is nothing to open, or reading fails; the message says which
   */
  public static TensorSource open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return open(candidate(path));
    }
    String name = String.valueOf(path.getFileName());
    if (name.endsWith(BIN + INDEX)) {
      return ShardedSource.open(path, BIN, TorchFile::open);
    }
    if (name.endsWith(INDEX)) {
      return ShardedSource.open(path, SAFETENSORS, SafetensorsFile::open);
    }
    return isTorch(path, name) ? TorchFile.open(path) : SafetensorsFile.open(path);
  }

  /**
   * The files that {@link #open} reads: of a sharded checkpoint the index and then the shards by
   * name, else one.
   *
   * @throws IOException as {@link #open}
   */
  public static List<Path> files(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return files(candidate(path));
    }
    String name = String.valueOf(path.getFileName());
    if (!name.endsWith(INDEX)) {
      return List.of(path);
    }
    return ShardedSource.files(path, name.endsWith(BIN + INDEX) ? BIN : SAFETENSORS);
  }

  /** By content; a name decides only for a file that looks like neither, so who complains. */
  private static boolean isTorch(Path path, String name) throws IOException {
    if (name.endsWith(SAFETENSORS) || !Files.isRegularFile(path)) {
      return false;
    }
    return TorchFile.isTorchFile(path)
        || (PICKLE.matcher(name).matches() && !beginsLikeSafetensors(path));
  }

  /** After the length of the header, in 8 bytes, comes JSON. */
  private static boolean beginsLikeSafetensors(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      byte[] head = in.readNBytes(9);
      return head.length == 9 && head[8] == '{';
    }
  }

  private static Path candidate(Path folder) throws IOException {
    List<String> names;
    try (Stream<Path> files = Files.list(folder)) {
      names = files.map(file -> file.getFileName().toString()).sorted().toList();
    }
    List<String> candidates =
        Stream.of(
                PREFERRED.stream().filter(names::contains).limit(1),
                names.stream().filter(WeightFiles::isSafetensors),
                PREFERRED_PICKLES.stream().filter(names::contains).limit(1),
                names.stream().filter(WeightFiles::isPickle))
            .map(Stream::toList)
            .filter(found -> !found.isEmpty())
            .findFirst()
            .orElseThrow(
                () ->
                    new NoSuchFileException(
                        folder.toString(),
                        null,
                        "the folder holds no .safetensors file, no *.safetensors.index.json, no"
                            + " PyTorch checkpoint and no *.bin.index.json; check the path, or"
                            + " download the model"));
    if (candidates.size() > 1) {
      throw new WeightFormatException(
          folder,
          "a folder of weights must hold one checkpoint",
          candidates.toString(),
          "one of them, or one named like " + PREFERRED.getFirst(),
          "Name the file itself",
          null);
    }
    return folder.resolve(candidates.getFirst());
  }

  private static boolean isSafetensors(String name) {
    return name.endsWith(SAFETENSORS + INDEX)
        || (name.endsWith(SAFETENSORS) && !name.startsWith(".") && !SHARD.matcher(name).matches());
  }

  private static boolean isPickle(String name) {
    return name.endsWith(BIN + INDEX)
        || (PICKLE.matcher(name).matches() && !SHARD.matcher(name).matches());
  }
}
