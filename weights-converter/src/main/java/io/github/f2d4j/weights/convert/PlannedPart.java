package io.github.f2d4j.weights.convert;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.weights.safetensors.TensorSource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One part of a model folder, planned and not yet written.
 *
 * @param folder its folder, such as {@code unet}
 * @param family what it was made of
 * @param given what the weights come from
 * @param config the text of its {@code config.json}
 * @param tensors what to write
 * @param leftOut keys of the checkpoint that have no place in the part: the first name of their
 *     path, and how many there are
 */
record PlannedPart(
    String folder,
    Family family,
    GivenWeights given,
    String config,
    List<PlannedTensor> tensors,
    Map<String, Integer> leftOut) {
  static final String CONFIG = "config.json";

  /**
   * One tensor of a part.
   *
   * @param key its name in the model folder
   * @param shape its shape there
   * @param from its type in the checkpoint
   * @param to its type in the model folder
   * @param sourceKey its name in the checkpoint
   * @param source the checkpoint
   */
  record PlannedTensor(
      String key, Shape shape, DType from, DType to, String sourceKey, TensorSource source) {
    TensorType type() {
      return new TensorType(to, shape);
    }
  }

  /** The weight file's path in the model folder. */
  String weightFile() {
    boolean diffusers = folder.equals("unet") || folder.equals("vae");
    return folder + (diffusers ? "/diffusion_pytorch_model" : "/model") + ".safetensors";
  }

  /** The configuration's path in the model folder. */
  String configFile() {
    return folder + "/" + CONFIG;
  }

  Map<String, TensorType> types() {
    Map<String, TensorType> types = new TreeMap<>();
    tensors.forEach(t -> types.put(t.key, t.type()));
    return types;
  }

  long bytes() {
    return tensors.stream().mapToLong(t -> t.type().bytes()).sum();
  }

  /** Whatever decides the bytes of the weight file, so that equal text means an equal file. */
  byte[] recipe(List<String> inputHashes) {
    StringBuilder s = new StringBuilder();
    inputHashes.stream().sorted().forEach(h -> s.append(h).append('\n'));
    for (PlannedTensor t : tensors) {
      s.append(t.sourceKey).append('>').append(t.key).append(' ').append(t.type()).append('\n');
    }
    return s.toString().getBytes(StandardCharsets.UTF_8);
  }
}
