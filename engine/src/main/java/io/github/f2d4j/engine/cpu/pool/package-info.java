/** The threads that kernels share; how many there are changes no result. */
@NullMarked
package io.github.f2d4j.engine.cpu.pool;

import org.jspecify.annotations.NullMarked;
