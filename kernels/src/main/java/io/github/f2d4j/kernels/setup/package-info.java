/** What of CUDA this machine has, why the rest is missing, and the best that can be made of it. */
@NullMarked
package io.github.f2d4j.kernels.setup;

import org.jspecify.annotations.NullMarked;
