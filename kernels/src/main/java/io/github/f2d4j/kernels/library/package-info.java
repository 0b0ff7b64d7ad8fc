/**
 * Finding, loading and calling NVIDIA's libraries through the foreign function interface: search
 * path, loader, signature tables, and the one error type. Nothing here runs before a GPU is asked
 * for.
 */
@NullMarked
package io.github.f2d4j.kernels.library;

import org.jspecify.annotations.NullMarked;
