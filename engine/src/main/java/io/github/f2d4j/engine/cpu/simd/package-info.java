/** The lane width of the CPU kernels, chosen once per JVM, and the vector species that follow. */
@NullMarked
package io.github.f2d4j.engine.cpu.simd;

import org.jspecify.annotations.NullMarked;
