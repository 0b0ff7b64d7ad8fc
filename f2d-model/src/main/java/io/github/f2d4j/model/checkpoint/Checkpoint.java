package io.github.f2d4j.model.checkpoint;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Region;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.weights.WeightFiles;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The weights of one model, ready for its constructor. Data stays where it is (in the mapped file)
 * until an operator reads it, in the type in which it rests.
 *
 * <pre>{@code
 * Checkpoint unet = Checkpoint.open(Path.of("stable-diffusion-v1-4/unet"));
 * Weights w = unet.weights();
 * Conv2d convIn = new Conv2d(w.at("conv_in"), 4, 320, 3);
 * w.verify();
 * }</pre>
 */
public final class Checkpoint {
  /** The file in a component's folder that describes the model. */
  public static final String CONFIG = "config.json";

  private final String name;
  private final Path folder;
  private final Map<String, Tensor> tensors;
  private final Map<String, String> metadata;
  private final boolean hasData;

  private Checkpoint(
      String name,
      Path folder,
      Map<String, Tensor> tensors,
      Map<String, String> metadata,
      boolean hasData) {
    this.name = name;
    this.folder = folder;
    this.tensors = tensors;
    this.metadata = metadata;
    this.hasData = hasData;
  }

  /**
   * Opens a weight file.
   *
   * @param path a {@code .safetensors} file, a PyTorch checkpoint, the index of a sharded one
   *     ({@code *.safetensors.index.json}, {@code *.bin.index.json}), or a folder that holds one of
   *     these under one of the usual names ({@code model.safetensors}, {@code
   *     diffusion_pytorch_model.safetensors}, {@code *.fp16.*})
   * @throws io.github.f2d4j.weights.io.WeightFormatException if a file breaks a rule of its format
   * @throws IOException if there is no such file, or it cannot be read
   */
  public static Checkpoint open(Path path) throws IOException {
    Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
    try (TensorSource source = WeightFiles.open(path)) {
      return of(source, folder == null ? Path.of("") : folder);
    }
  }

  /**
   * The tensors of an open source; they stay readable when it is closed.
   *
   * @param folder where {@link #config()} looks for {@value #CONFIG}
   */
  public static Checkpoint of(TensorSource source, Path folder) {
    Map<String, Tensor> tensors = LinkedHashMap.newLinkedHashMap(source.names().size());
    for (String key : source.names()) {
      TensorEntry entry = source.get(key);
      tensors.put(key, Tensor.parameter(entry.type(), Region.mapped(entry.data())));
    }
    return new Checkpoint(source.describe(), folder, tensors, Map.copyOf(source.metadata()), true);
  }

  /**
   * Opens a weight file as {@link #open} does, for the names and types of its tensors alone: models
   * built on it can be planned, not run.
   *
   * @param dtype the type that all weights shall have, or null for their own
   * @throws io.github.f2d4j.weights.io.WeightFormatException if a file breaks a rule of its format
   * @throws IOException if there is no such file, or it cannot be read
   */
  public static Checkpoint describe(Path path, @Nullable DType dtype) throws IOException {
    Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
    try (TensorSource source = WeightFiles.open(path)) {
      Map<String, Tensor> types = LinkedHashMap.newLinkedHashMap(source.names().size());
      for (String key : source.names()) {
        TensorType type = source.type(key);
        if (dtype != null && type.dtype().isComputable()) {
          type = new TensorType(dtype, type.shape());
        }
        types.put(key, Tensor.parameter(type));
      }
      return new Checkpoint(
          source.describe(),
          folder == null ? Path.of("") : folder,
          types,
          Map.copyOf(source.metadata()),
          false);
    }
  }

  /**
   * The weights, for one model's constructor. Each call gives a new ledger of what is read, so that
   * {@link Weights#verify()} speaks of one model.
   */
  public Weights weights() {
    if (hasData) {
      return Weights.of(name, tensors);
    }
    Map<String, TensorType> types = LinkedHashMap.newLinkedHashMap(tensors.size());
    tensors.forEach((key, t) -> types.put(key, t.type()));
    return Weights.ofTypes(name, types);
  }

  /**
   * The {@value #CONFIG} beside the weights.
   *
   * @throws ConfigException if it is missing or not a JSON object
   */
  public ConfigJson config() {
    return ConfigJson.read(folder.resolve(CONFIG));
  }

  /**
   * The {@value #CONFIG} beside the weights, or one without keys if there is none: the shapes of
   * the weights then tell a model's dimensions.
   *
   * @throws ConfigException if it is not a JSON object
   */
  public ConfigJson configOrEmpty() {
    Path file = folder.resolve(CONFIG);
    return Files.exists(file) ? ConfigJson.read(file) : ConfigJson.parse("no " + file, "{}");
  }

  /** Every tensor by its key, in the order of the file. */
  public Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** The free-form strings stored beside the tensors. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Total size of the tensors at rest. */
  public long bytes() {
    return tensors.values().stream().map(Tensor::type).mapToLong(TensorType::bytes).sum();
  }

  /** Where the tensors come from, and how many there are. */
  @Override
  public String toString() {
    return name;
  }
}
