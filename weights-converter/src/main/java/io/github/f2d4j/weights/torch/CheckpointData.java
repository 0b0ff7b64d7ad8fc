package io.github.f2d4j.weights.torch;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A checkpoint whose every claim has been checked.
 *
 * @param content its names
 * @param storages where the bytes of each storage lie
 * @param globals what its pickle names
 * @param format for messages
 */
record CheckpointData(
    CheckpointContent content,
    Map<StorageRef, StorageBytes> storages,
    Set<String> globals,
    String format) {
  /** The tensor's bytes in row-major order. */
  MemorySegment read(TensorView view) {
    return view.read(Objects.requireNonNull(storages.get(view.storage())).read());
  }
}
