/**
 * The safetensors file format: a reader that maps files into memory and enforces every rule of the
 * format before a tensor can be seen, sharded checkpoints, and an atomic writer. Its {@link
 * io.github.f2d4j.weights.safetensors.TensorSource} is what every format is read through.
 */
@NullMarked
package io.github.f2d4j.weights.safetensors;

import org.jspecify.annotations.NullMarked;
