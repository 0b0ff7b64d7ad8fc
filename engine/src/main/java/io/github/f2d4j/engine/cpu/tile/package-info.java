/** The register tiles under matrix multiplication, convolution and attention. */
@NullMarked
package io.github.f2d4j.engine.cpu.tile;

import org.jspecify.annotations.NullMarked;
