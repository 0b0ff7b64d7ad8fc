/** Elementary functions in float32, the same bits from plain loops and from vectors. */
@NullMarked
package io.github.f2d4j.engine.cpu.math;

import org.jspecify.annotations.NullMarked;
