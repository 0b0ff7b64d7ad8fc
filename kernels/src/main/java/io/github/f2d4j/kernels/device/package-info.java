/** What the backend asks of a GPU, and the GPU that does it. */
@NullMarked
package io.github.f2d4j.kernels.device;

import org.jspecify.annotations.NullMarked;
