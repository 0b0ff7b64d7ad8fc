package io.github.f2d4j.model.checkpoint;

import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter.Pending;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;

/**
 * Writes a model folder with random weights, complete and loadable, to measure speed and memory
 * without a download. What such a model draws is noise.
 *
 * <p>Matrices and kernels are normal with variance 1/(inputs of one output), which keeps
 * activations of order one; biases and running means are 0, scales and running variances 1. Every
 * tensor has a stream of its own, drawn from the seed and its name, so a tensor does not depend on
 * the others.
 */
public final class RandomModel {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort HALF =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final RandomGeneratorFactory<RandomGenerator> GENERATOR =
      RandomGeneratorFactory.of("L64X128MixRandom");

  private RandomModel() {}

  /**
   * One network of a model folder.
   *
   * @param folder its folder, such as {@code unet}
   * @param weightFile the name of its weight file
   * @param config the text of its {@value Checkpoint#CONFIG}
   * @param model builds the network, which tells keys and shapes
   */
  public record Component(
      String folder, String weightFile, String config, Consumer<Weights> model) {}

  /**
   * Writes a folder.
   *
   * @param target the folder; it must be empty or absent
   * @param components the networks
   * @param files other files by their path relative to {@code target}: tokenizer, scheduler
   * @param dtype F32, F16 or BF16
   * @param progress told the relative path of each file before it is written
   * @throws FileAlreadyExistsException if the folder holds something
   * @throws IllegalArgumentException if the type is another
   * @throws IOException if writing fails
   */
  public static void write(
      Path target,
      List<Component> components,
      Map<String, byte[]> files,
      DType dtype,
      long seed,
      Consumer<String> progress)
      throws IOException {
    if (!dtype.isComputable()) {
      throw new IllegalArgumentException(
          "random weights of type " + dtype + " were asked for, expected F32, F16 or BF16");
    }
    requireEmpty(target);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = target.resolve(file.getKey()).normalize();
      if (!path.startsWith(target.normalize())) {
        throw new IllegalArgumentException(
            "the file " + file.getKey() + " would lie outside of " + target);
      }
      progress.accept(file.getKey());
      writeBytes(path, file.getValue());
    }
    for (Component c : components) {
      Path folder = target.resolve(c.folder());
      writeBytes(folder.resolve(Checkpoint.CONFIG), c.config().getBytes(StandardCharsets.UTF_8));
      progress.accept(c.folder() + "/" + c.weightFile());
      writeWeights(folder.resolve(c.weightFile()), c, dtype, seed);
    }
  }

  private static void requireEmpty(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      try (Stream<Path> content = Files.list(target)) {
        if (content.findAny().isEmpty()) {
          return;
        }
      }
    }
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(
          target.toString(), null, "it is not an empty folder; name a new one");
    }
  }

  private static void writeBytes(Path file, byte[] bytes) throws IOException {
    Path folder = file.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.write(file, bytes);
  }

  private static void writeWeights(Path file, Component c, DType dtype, long seed)
      throws IOException {
    Weights recording = Weights.recording();
    c.model().accept(recording);
    Map<String, TensorType> declared = recording.declared();
    long largest = 0;
    for (TensorType t : declared.values()) {
      largest = Math.max(largest, t.shape().elements() * dtype.bytes());
    }
    // One tensor at a time, in memory that all of them share: the writer is done with the last one
    // when it asks for the next.
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment scratch = arena.allocate(Math.max(largest, 1), 64);
      List<Pending> tensors = new ArrayList<>();
      declared.forEach(
          (key, f32) -> {
            TensorType type = new TensorType(dtype, f32.shape());
            String stream = c.folder() + "/" + key;
            tensors.add(
                new Pending(
                    key,
                    type,
                    () -> {
                      MemorySegment data = scratch.asSlice(0, type.bytes());
                      fill(data, key, type, generator(seed, stream));
                      return data;
                    }));
          });
      SafetensorsWriter.stream(file, tensors, Map.of("format", "pt"));
    }
  }

  private static RandomGenerator generator(long seed, String stream) {
    long state = seed;
    for (int i = 0; i < stream.length(); i++) {
      state = 0x9E3779B97F4A7C15L * (state ^ stream.charAt(i)) + (state >>> 29);
    }
    return GENERATOR.create(state);
  }

  private static void fill(
      MemorySegment data, String key, TensorType type, RandomGenerator random) {
    long elements = type.shape().elements();
    if (type.shape().rank() < 2) {
      boolean one = key.endsWith("weight") || key.endsWith("running_var");
      for (long i = 0; i < elements; i++) {
        set(data, type.dtype(), i, one ? 1f : 0f);
      }
      return;
    }
    double deviation = 1 / Math.sqrt((double) elements / type.shape().dim(0));
    for (long i = 0; i < elements; i++) {
      set(data, type.dtype(), i, (float) (deviation * random.nextGaussian()));
    }
  }

  private static void set(MemorySegment data, DType dtype, long index, float value) {
    switch (dtype) {
      case F32 -> data.set(FLOAT, Float.BYTES * index, value);
      case F16 -> data.set(HALF, Short.BYTES * index, Float.floatToFloat16(value));
      case BF16 ->
          data.set(HALF, Short.BYTES * index, (short) (Float.floatToRawIntBits(value) >>> 16));
      default -> throw new IllegalArgumentException("no random weights of type " + dtype);
    }
  }
}
