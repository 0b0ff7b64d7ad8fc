/** Model folders: weight files as {@code Weights}, {@code config.json} as checked values. */
@NullMarked
package io.github.f2d4j.model.checkpoint;

import org.jspecify.annotations.NullMarked;
