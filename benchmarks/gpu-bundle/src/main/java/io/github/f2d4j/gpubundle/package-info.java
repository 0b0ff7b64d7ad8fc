/**
 * What the GPU bundle runs on a machine with an NVIDIA GPU: first every check, then benchmarks,
 * each step in a process of its own, and one result of it all in JSON and Markdown.
 */
@NullMarked
package io.github.f2d4j.gpubundle;

import org.jspecify.annotations.NullMarked;
