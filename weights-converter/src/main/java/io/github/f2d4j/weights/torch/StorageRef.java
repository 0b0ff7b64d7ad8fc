package io.github.f2d4j.weights.torch;

/**
 * A storage that the pickle names and the file holds elsewhere.
 *
 * @param key its name in the file
 * @param type its elements
 * @param elements how many of them the whole storage has
 * @param offset the first element of the part that tensors see; 0 but for views of old files
 * @param visible how many elements that part has
 */
record StorageRef(String key, StorageType type, long elements, long offset, long visible) {
  /** The bytes of the whole storage; negative if that is more than 2^63-1. */
  long bytes() {
    long size = type.dtype().bytes();
    return elements > Long.MAX_VALUE / size ? -1 : elements * size;
  }
}
