/** Matrix products and the convolutions that are such: packing, blocking, register tiles. */
@NullMarked
package io.github.f2d4j.engine.cpu.gemm;

import org.jspecify.annotations.NullMarked;
