/** Which of several algorithms the CPU backend uses for an operator. */
@NullMarked
package io.github.f2d4j.engine.cpu.tuning;

import org.jspecify.annotations.NullMarked;
