/** Elementwise operators, fused chains of them among them. */
@NullMarked
package io.github.f2d4j.engine.cpu.elementwise;

import org.jspecify.annotations.NullMarked;
