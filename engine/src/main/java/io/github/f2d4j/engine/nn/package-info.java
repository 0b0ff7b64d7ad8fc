/** Layers as PyTorch names them, and the weights they are made of. */
@NullMarked
package io.github.f2d4j.engine.nn;

import org.jspecify.annotations.NullMarked;
