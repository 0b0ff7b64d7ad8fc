/** Operators that only move elements: strided copies and gathered rows. */
@NullMarked
package io.github.f2d4j.engine.cpu.movement;

import org.jspecify.annotations.NullMarked;
