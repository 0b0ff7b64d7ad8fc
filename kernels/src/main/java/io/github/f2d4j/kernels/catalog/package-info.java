/**
 * The CUDA kernels that ship as PTX text: for each a typed record that knows its parameters, its
 * limits and its launch geometry, and gives finished {@link
 * io.github.f2d4j.kernels.catalog.KernelLaunch launches}. Nothing here needs a driver or a GPU.
 */
@NullMarked
package io.github.f2d4j.kernels.catalog;

import org.jspecify.annotations.NullMarked;
