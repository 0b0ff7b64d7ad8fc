/**
 * Makes a model folder of published checkpoints: recognises what it is given, renames, converts
 * element types with a report of what did not fit, and writes files that are complete or absent.
 *
 * <p>Start at {@link io.github.f2d4j.weights.convert.Conversion}.
 */
@NullMarked
package io.github.f2d4j.weights.convert;

import org.jspecify.annotations.NullMarked;
