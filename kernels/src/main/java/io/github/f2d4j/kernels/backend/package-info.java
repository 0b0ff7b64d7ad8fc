/**
 * The engine's operators on a GPU: each becomes a few launches of the catalog's kernels, products
 * of cuBLAS and convolutions of cuDNN.
 */
@NullMarked
package io.github.f2d4j.kernels.backend;

import org.jspecify.annotations.NullMarked;
