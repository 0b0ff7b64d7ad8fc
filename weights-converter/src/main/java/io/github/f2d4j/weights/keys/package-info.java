/**
 * The names that tensors have in published checkpoints, and the ones they have in a model folder:
 * one ordered table per family, read in both directions.
 */
@NullMarked
package io.github.f2d4j.weights.keys;

import org.jspecify.annotations.NullMarked;
