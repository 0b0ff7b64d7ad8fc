/** Convolutions on NVIDIA GPUs by cuDNN 8 and 9. */
@NullMarked
package io.github.f2d4j.kernels.cudnn;

import org.jspecify.annotations.NullMarked;
