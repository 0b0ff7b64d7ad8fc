/** Reductions and normalizations, which share their loops over rows. */
@NullMarked
package io.github.f2d4j.engine.cpu.normalize;

import org.jspecify.annotations.NullMarked;
