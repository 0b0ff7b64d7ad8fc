/** Finds NVIDIA GPUs and says what is missing to use them. */
@NullMarked
package io.github.f2d4j.kernels;

import org.jspecify.annotations.NullMarked;
