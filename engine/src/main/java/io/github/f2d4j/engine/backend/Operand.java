package io.github.f2d4j.engine.backend;

import io.github.f2d4j.engine.types.TensorType;

/**
 * What a backend knows of an operator's input when it compiles.
 *
 * @param type element type and shape
 * @param constant whether the contents are a model's parameters, worth packing once
 * @param pitch elements from one row of the last axis to the next: more than the row has where the
 *     value is a range of columns of a wider one, see {@link Backend#readsColumns}
 */
public record Operand(TensorType type, boolean constant, int pitch) {
  /** A value whose rows lie one behind the other. */
  public Operand(TensorType type, boolean constant) {
    this(type, constant, type.shape().rank() == 0 ? 1 : type.shape().dim(-1));
  }
}
