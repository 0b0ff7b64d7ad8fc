package io.github.f2d4j.weights.safetensors;

import io.github.f2d4j.engine.types.TensorType;
import java.util.Map;
import java.util.Set;

/**
 * A read-only collection of named tensors: one file, or a sharded checkpoint. Safe for use by many
 * threads.
 *
 * <p>Closing only ends the use of the source itself. Entries that were taken from it before stay
 * readable for as long as they are reachable; the memory mapping behind them goes when the last one
 * is collected. A model built from entries may therefore outlive its source. Files that are opened
 * inside {@link io.github.f2d4j.engine.backend.Region#loading} are mapped into that region instead,
 * and unmapped with it.
 */
public interface TensorSource extends AutoCloseable {
  /** All names, in the order of the data in the file. */
  Set<String> names();

  /**
   * The tensor of that name, without copying its data.
   *
   * @throws java.util.NoSuchElementException if there is none; the message lists similar names
   * @throws IllegalStateException if this source is closed
   */
  TensorEntry get(String name);

  /**
   * Element type and shape of the tensor of that name, without touching its data. Errors as {@link
   * #get}.
   */
  default TensorType type(String name) {
    return get(name).type();
  }

  /** Whether there is a tensor of that name. */
  default boolean contains(String name) {
    return names().contains(name);
  }

  /** The free-form strings stored beside the tensors; may be empty. */
  Map<String, String> metadata();

  /** Where the tensors come from, for messages: path, number of tensors, bytes. */
  String describe();

  /** Ends the use of this source. Entries already taken stay readable. */
  @Override
  void close();
}
