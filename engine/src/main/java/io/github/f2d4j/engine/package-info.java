/** Lazy tensors: the engine's front door. */
@NullMarked
package io.github.f2d4j.engine;

import org.jspecify.annotations.NullMarked;
