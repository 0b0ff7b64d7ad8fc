/** Writing files so that a reader never sees half of one. */
@NullMarked
package io.github.f2d4j.weights.io;

import org.jspecify.annotations.NullMarked;
