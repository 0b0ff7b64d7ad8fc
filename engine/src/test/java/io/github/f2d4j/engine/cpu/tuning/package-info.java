/** Tests of the choice between algorithms. */
@NullMarked
package io.github.f2d4j.engine.cpu.tuning;

import org.jspecify.annotations.NullMarked;
