/** Matrix products on NVIDIA GPUs: cuBLAS and cuBLASLt of CUDA 12 and 13, JCublas for CUDA 12. */
@NullMarked
package io.github.f2d4j.kernels.cublas;

import org.jspecify.annotations.NullMarked;
