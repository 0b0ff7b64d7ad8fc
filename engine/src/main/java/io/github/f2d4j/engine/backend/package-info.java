/** What a processor must offer so that tensors can be evaluated on it. */
@NullMarked
package io.github.f2d4j.engine.backend;

import org.jspecify.annotations.NullMarked;
