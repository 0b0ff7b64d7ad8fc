/** Weights in any supported format: start at {@link io.github.f2d4j.weights.WeightFiles#open}. */
@NullMarked
package io.github.f2d4j.weights;

import org.jspecify.annotations.NullMarked;
