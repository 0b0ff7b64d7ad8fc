package io.github.f2d4j.weights.keys;

import io.github.f2d4j.engine.types.Shape;

/**
 * A tensor's key and shape.
 *
 * @param key the whole name
 * @param shape its extents
 */
public record NamedShape(String key, Shape shape) {
  /** For example {@code conv_in.weight [320,4,3,3]}. */
  @Override
  public String toString() {
    return key + " " + shape;
  }
}
