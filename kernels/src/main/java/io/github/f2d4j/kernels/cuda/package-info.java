/**
 * The CUDA driver: devices, memory, modules, streams, events and graphs through JCuda, kernel
 * launches and everything that returns numbers through the foreign function interface.
 */
@NullMarked
package io.github.f2d4j.kernels.cuda;

import org.jspecify.annotations.NullMarked;
