/** Random numbers that equal PyTorch's, so that a seed gives the same picture as upstream. */
@NullMarked
package io.github.f2d4j.engine.random;

import org.jspecify.annotations.NullMarked;
