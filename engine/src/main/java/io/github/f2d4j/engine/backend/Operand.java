package io.github.f2d4j.engine.backend;

import io.github.f2d4j.engine.types.TensorType;

/**
 * What a backend knows of an operator's input when it compiles.
 *
 * @param type element type and shape
 * @param constant whether the contents are a model's parameters, worth packing once
 */
public record Operand(TensorType type, boolean constant) {}
